/** `123.4 MiB`, for messages; small amounts in bytes, which would all be 0.0 MiB. */
export const mebibytes = (bytes: number): string =>
  bytes < 2 ** 20 ? `${bytes} bytes` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
