/** Bundles postern into a folder that stands directly in the project. */
export function bundle(folder: string): Promise<void>;
