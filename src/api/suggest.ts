export { nearest } from '../baseline/suggest.ts';
