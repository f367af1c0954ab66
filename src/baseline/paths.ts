import type { BaselineReference, FileReference } from './deployment.ts';
import type { Located } from './located.ts';
import type { Complaints } from './ports.ts';
import { complaint, show } from './complaint.ts';

/**
 * A path that a deployment names, or a baseline. It is relative to that file's folder and stays inside it, so that a file
 * from somebody else makes postern read nothing but what came with it.
 *
 * @param whose whose folder it is, for messages
 */
export function readPath(text: Located, complaints: Complaints, whose = 'the deployment'): FileReference[] {
  const written = String(text.value);
  const parts: string[] = [];
  let outside = /^([/\\]|[a-z]:[/\\])/i.test(written);
  for (const part of written.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) outside = true;
  }
  if (outside) {
    complaints.push(
      complaint({
        code: 'path-outside',
        message: `${show(written)} leads out of ${whose}'s folder.`,
        span: text.span,
        expected: `a path relative to ${whose}'s folder that stays inside it`,
        help: `Put ${whose} file above all files that it names.`,
      }),
    );
    return [];
  }
  if (parts.length > 0 && !/\p{Cc}/u.test(written)) return [{ path: parts.join('/'), span: text.span }];
  complaints.push(
    complaint({
      code: 'invalid-path',
      message: `${show(written)} does not name a file.`,
      span: text.span,
      expected: `a path relative to ${whose}'s folder`,
    }),
  );
  return [];
}

const BASELINE_ID = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** A baseline by id (`host-essentials`), or by path where there is a `/` or a YAML file's ending (`./company.yaml`). */
export function readBaselineReference(
  text: Located,
  complaints: Complaints,
  whose?: string,
): BaselineReference[] {
  const written = String(text.value);
  if (/[/\\]|\.ya?ml$/i.test(written))
    return readPath(text, complaints, whose).map(({ path, span }) => ({
      kind: 'path',
      // A file `./company` is not the baseline `company`.
      name: BASELINE_ID.test(path) ? `./${path}` : path,
      span,
    }));
  if (BASELINE_ID.test(written)) return [{ kind: 'id', name: written, span: text.span }];
  complaints.push(
    complaint({
      code: 'unknown-baseline',
      message: `${show(written)} is neither a baseline's id nor a path.`,
      span: text.span,
      expected: 'an id such as `host-essentials`, or a path such as `./company.yaml`',
    }),
  );
  return [];
}
