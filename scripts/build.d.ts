/** Bundles postern into a folder that stands directly in the project; `readable` keeps esbuild's comments about files. */
export function bundle(folder: string, options?: { readonly readable?: boolean }): Promise<void>;
/** Takes away what an earlier build made, but for the types. */
export function emptied(outdir: URL): Promise<void>;
