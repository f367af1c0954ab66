import { describe, expect, it } from 'vitest';
import { commentsOf, readComment } from '../../src/waiver/inline-comment.ts';

describe('the comments of a rule', () => {
  it.each([
    ['-A INPUT -p tcp -m comment --comment "a \\"b\\" c" -j LOG --log-prefix "no comment"', ['a "b" c']],
    ['-A INPUT -m comment --comment plain -j ACCEPT', ['plain']],
    ['-A INPUT -j LOG --log-prefix "--comment \\"postern:waive closed x\\" "', []],
    ['tcp dport 22 log prefix "comment " accept comment "postern:expect ssh"', ['postern:expect ssh']],
    ['{"IpProtocol":"tcp", "Description" : "from the office"}', ['from the office']],
    ['{"Description":"a","x":"b"}', ['a']],
    ['{"Description":"\\u0061 \\"b\\""}', ['a "b"']],
    ['{"rule": {"expr": [], "comment": "postern:expect ssh"}}', ['postern:expect ssh']],
  ])('%s', (text, comments) => expect(commentsOf(text)).toEqual(comments));
});

describe('what a comment asks', () => {
  it.each([
    ['postern:waive closed until  March', { kind: 'waive', rule: 'closed', reason: 'until March' }],
    ['ticket 7: postern:waive closed why', { kind: 'waive', rule: 'closed', reason: 'why' }],
    ['postern:expect own:ssh', { kind: 'expect', connection: 'own:ssh' }],
    ['postern:waive closed', 'gives no reason'],
    ['postern:waive', 'names no kind of finding'],
    ['postern:expect', 'names no connection'],
    ['postern:expect a b', 'has more words than the id of one connection'],
    ['postern:wave closed x', 'says neither `postern:waive` nor `postern:expect`'],
    ['see postern: the tool', 'says neither `postern:waive` nor `postern:expect`'],
    ['nothing of ours', undefined],
    ['notpostern:waive closed x', undefined],
  ])('%s', (comment, asked) => expect(readComment(comment)).toEqual(asked));
});
