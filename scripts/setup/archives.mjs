import { gunzipSync, inflateRawSync } from 'node:zlib';

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;

/**
 * The content of the first file in an archive whose name is accepted.
 * @param {Buffer} archive
 * @param {{ format: 'zip' | 'tar.gz', accepts: (name: string) => boolean }} options
 * @returns {Buffer | undefined}
 */
export function fileInArchive(archive, { format, accepts }) {
  return format === 'zip' ? fileInZip(archive, accepts) : fileInTar(gunzipSync(archive), accepts);
}

/**
 * Reads the central directory (PKWARE APPNOTE 4.3.12), which has the sizes even where local headers do not.
 * @param {Buffer} zip
 * @param {(name: string) => boolean} accepts
 */
function fileInZip(zip, accepts) {
  let at = zip.readUInt32LE(endOfDirectory(zip) + 16);
  while (zip.readUInt32LE(at) === DIRECTORY_ENTRY) {
    const nameLength = zip.readUInt16LE(at + 28);
    if (accepts(zip.toString('utf8', at + 46, at + 46 + nameLength))) return contentOf(zip, at);
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return undefined;
}

/** @param {Buffer} zip */
function endOfDirectory(zip) {
  for (let at = zip.length - 22; at >= 0; at -= 1) if (zip.readUInt32LE(at) === END_OF_DIRECTORY) return at;
  throw new Error('it is not a zip file, or it is cut short');
}

/**
 * @param {Buffer} zip
 * @param {number} entry where its entry in the central directory starts
 */
function contentOf(zip, entry) {
  const method = zip.readUInt16LE(entry + 10);
  const header = zip.readUInt32LE(entry + 42);
  const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
  const packed = zip.subarray(start, start + zip.readUInt32LE(entry + 20));
  if (method === STORED) return packed;
  if (method === DEFLATED) return inflateRawSync(packed);
  throw new Error(`its compression method ${method} is not supported`);
}

/**
 * Headers of 512 bytes, each followed by the content padded to 512 (POSIX ustar).
 * @param {Buffer} tar
 * @param {(name: string) => boolean} accepts
 */
function fileInTar(tar, accepts) {
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const name = textOf(tar, at, 100);
    const size = Number.parseInt(textOf(tar, at + 124, 12), 8);
    if (accepts(name)) return tar.subarray(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return undefined;
}

/**
 * @param {Buffer} tar
 * @param {number} at
 * @param {number} length
 */
function textOf(tar, at, length) {
  const [text = ''] = tar.toString('utf8', at, at + length).split('\0');
  return text.trim();
}
