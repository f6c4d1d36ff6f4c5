import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { candidates, cgroupMembers, cgroupState, findMount, rouseMoves } from './cgroup.ts';

const V1 = '33 31 0:30 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n';

describe('findMount', () => {
  it.each([
    ['alone', '30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n', '/sys/fs/cgroup', '/'],
    ['beside v1', `${V1}38 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n`, '/sys/fs/cgroup/unified', '/'],
    ['bound from below', '1 2 0:3 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n', '/sys/fs/cgroup', '/docker/abc'],
    ['at a path with a blank', '1 2 0:3 / /mnt/a\\040b rw - cgroup2 none rw\n', '/mnt/a b', '/'],
  ])('%s', (_name, mountinfo, point, root) => {
    expect(findMount(mountinfo)).toEqual({ point, root });
  });
  it('nowhere', () => {
    expect(findMount(V1)).toBeNull();
    expect(findMount('')).toBeNull();
  });
});

describe('candidates', () => {
  const at = (point: string, root: string, cgroup: string) => candidates({ point, root }, cgroup);
  it('begins with the own cgroup, so that what runs inside a worker stays inside', () => {
    expect(at('/sys/fs/cgroup', '/', '4:cpu:/x\n0::/user.slice/app.scope\n')).toEqual([
      '/sys/fs/cgroup/user.slice/app.scope',
      '/sys/fs/cgroup/user.slice',
      '/sys/fs/cgroup',
    ]);
    expect(at('/sys/fs/cgroup', '/', '0::/\n')).toEqual(['/sys/fs/cgroup']);
  });
  it('takes the mount for what it shows', () => {
    expect(at('/cg', '/docker/abc', '0::/docker/abc/x\n')).toEqual(['/cg/x', '/cg']);
    expect(at('/cg', '/docker/abc', '0::/docker/abcd\n')).toEqual(['/cg']);
    expect(at('/cg', '/', '0::/../other\n')).toEqual(['/cg']);
    expect(at('/cg', '/', '4:cpu:/x\n')).toEqual([]);
  });
});

it('tells a removed cgroup from a place where none can be', () => {
  expect(cgroupState('/nonexistent/tac8-00000000/w-000001')).toBe('unreachable');
  expect(cgroupMembers('/nonexistent/tac8-00000000/w-000001')).toEqual([]);
});

it('the kernel is roused without this process going anywhere', async () => {
  const before = readFileSync('/proc/self/cgroup', 'utf8');
  await rouseMoves();
  expect(readFileSync('/proc/self/cgroup', 'utf8')).toBe(before);
});
