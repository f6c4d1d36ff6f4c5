import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Two lists: in one, the range of mapped addresses would hold every IPv4 address. */
const CLOSED_4 = listOf('ipv4', [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24'],
  ...['192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  '168.63.129.16/32', // what a cloud answers its own machines from
]);
/** Of IPv6 one range is the internet; these of it carry other addresses, or none. */
const OPEN_6 = listOf('ipv6', ['2000::/3']);
const CLOSED_6 = listOf('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);

function listOf(family: 'ipv4' | 'ipv6', ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [net = '', bits = ''] = range.split('/');
    list.addSubnet(net, Number(bits), family);
  }
  return list;
}

/** An address of the internet: not this machine, its network, or what a cloud tells its machines. */
export function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 0 || isOwn(address)) return false;
  if (family === 4) return !CLOSED_4.check(address, 'ipv4');
  return OPEN_6.check(address, 'ipv6') && !CLOSED_6.check(address, 'ipv6');
}

/** This machine by an address that others know it by. */
const isOwn = (address: string): boolean =>
  Object.values(networkInterfaces()).some((list) => list?.some((one) => one.address === address) === true);
