export { packageVersion } from '../package.ts';
