/** Transport protocols as baselines write them, by their names in /etc/protocols. */
export const TRANSPORT_NAMES: readonly string[] = [
  'tcp',
  'udp',
  'icmp',
  'icmpv6',
  'sctp',
  'dccp',
  'udplite',
  'esp',
  'ah',
  'gre',
  'vrrp',
  'igmp',
];

/**
 * Application protocols that are defined over TCP, or over TLS and so over TCP, as tables of connections name them; a
 * row's interpretation says `tcp`.
 */
export const OVER_TCP: ReadonlySet<string> = new Set(
  (
    'http https ssh scp sftp smtp smtps submission ftp ftps ldap ldaps rdp ws wss websocket websockets tls ssl telnet smb ' +
    'cifs imap imaps pop3 pop3s amqp amqps mqtt mqtts rest soap winrm rmi jmx jdbc mysql postgresql postgres mssql ' +
    'ms-sql oracle redis mongodb ajp grpc'
  ).split(' '),
);
