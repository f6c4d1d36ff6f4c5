import { expect, test } from 'vitest';
import { gaveUp } from './hindrance.ts';

const MOUNTS = `26 1 254:0 / / rw,relatime - ext4 /dev/vda rw
41 26 7:0 / /data rw,relatime shared:7 - ext4 /dev/loop0 rw,abort,emergency_ro
42 41 7:1 / /data/well rw,relatime - ext4 /dev/loop1 rw,errors=remount-ro
43 26 7:2 / /my\\040disk rw,relatime - ext4 /dev/loop2 rw,emergency_ro
44 26 7:3 / /over rw - ext4 /dev/loop3 rw,emergency_ro
45 44 7:4 / /over rw - tmpfs tmpfs rw
`;

test.each([
  ['/data/repo/.tac8', true],
  ['/data', true],
  ['/data/well/repo', false],
  ['/database/repo', false],
  ['/my disk/repo', true],
  ['/over/repo', false],
  ['/home/me', false],
])('a file system that gave up is found by the mount that holds %s: %s', (path, is) => {
  expect(gaveUp(MOUNTS, path)).toBe(is);
});
