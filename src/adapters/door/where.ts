/** The socket's name in its folder. */
export const DOOR = 'door.sock';

/** A path of it that is short enough for the kernel, which takes 107 bytes, however deep the folder is. `folder`: the folder, open. */
export const whereverItIs = (folder: number, dir: string): string =>
  process.platform === 'linux' ? `/proc/self/fd/${folder}/${DOOR}` : `${dir}/${DOOR}`;
