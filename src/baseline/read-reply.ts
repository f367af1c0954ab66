import { protocolName } from '../packet/protocol.ts';
import type { Connection } from './baseline.ts';
import type { Located } from './located.ts';
import type { Complaints } from './ports.ts';
import { complaint } from './complaint.ts';

/** What nobody answers: connections of TCP and SCTP begin with answers (RFC 9293, section 3.5; RFC 9260, section 5.1). */
export function readReply(
  value: Located | undefined,
  protocols: readonly number[],
  complaints: Complaints,
): Pick<Connection, 'reply'> {
  if (value?.value !== 'none') return {};
  const answered = protocols.find((number) => ANSWERED.includes(number));
  if (answered !== undefined)
    complaints.push(
      complaint({
        code: 'reply-of-protocol',
        message: `\`reply: none\` is about what nobody answers, and ${protocolName(answered)} begins with an answer.`,
        span: value.span,
        expected: 'protocols without a handshake, such as `udp`',
        help: 'Leave `reply` out.',
      }),
    );
  return { reply: 'none' };
}

/** TCP and SCTP. */
const ANSWERED: readonly number[] = [6, 132];
