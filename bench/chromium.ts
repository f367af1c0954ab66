import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where Chromium is installed, by its names on Debian and elsewhere; undefined where it is not. */
export function chromiumPath(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
}
