/** The file in a bundle's folder that has the digest of what the bundle was made of. */
export const DIGEST_FILE: string;

/** Hex SHA-256 of all files that a bundle is made of, and of the Node that makes it; `root`: another project's folder. */
export function inputsDigest(root?: string): string;
