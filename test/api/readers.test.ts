import { describe, expect, it } from 'vitest';
import { INPUT_FORMATS } from '../../src/api/formats.ts';
import type { InputFormat } from '../../src/formats/reader.ts';
import { chooseReader, READERS } from '../../src/api/host/readers.ts';
import { SourceFile } from '../../src/text/source.ts';

/** What is complained of in a text first: the code, the message and what helps. */
async function complaint(text: string, named: InputFormat | undefined): Promise<unknown[]> {
  const choice = await chooseReader(new SourceFile('x', text), named);
  const [first] = choice.ok ? [] : choice.errors;
  return [first?.code, first?.message, first?.help];
}

const told = (code: string, message: string, help: string): unknown[] => [
  code,
  expect.stringContaining(message),
  expect.stringContaining(help),
];

describe('the readers', () => {
  it.each(READERS.map((lazy) => [lazy.formats.join(', '), lazy] as const))(
    'that of %s is what it is said to be before it is loaded',
    async (_, lazy) => {
      const reader = await lazy.load();
      expect(reader.formats).toEqual(lazy.formats);
      expect(reader.detect).toBe(lazy.detect);
    },
  );

  it('read every format that is offered, each by one of them', () => {
    expect(READERS.flatMap(({ formats }) => formats).sort()).toEqual([...INPUT_FORMATS].sort());
  });

  it.each([
    ['*filter\nCOMMIT\n', 'iptables-save'],
    ['create admins hash:ip family inet\n', 'ipset-save'],
    ['[{"ifindex":1,"ifname":"lo","addr_info":[]}]', 'ip-addr'],
  ])('recognise their own: %j', async (text, format) => {
    const choice = await chooseReader(new SourceFile('x', text), undefined);
    expect(choice.ok && choice.value.format).toBe(format);
    expect(choice.ok && choice.value.reader.formats).toContain(format);
  });

  it.each([
    [
      '\nAn error occurred (UnauthorizedOperation) when calling the DescribeSecurityGroups operation: You are not authorized to perform this operation.\n',
      'UnauthorizedOperation',
    ],
    ['ERROR: (AuthorizationFailed) The client does not have authorization', 'AuthorizationFailed'],
    [
      'ERROR: (gcloud.compute.firewall-rules.list) Could not fetch resource:\n - Required permission',
      'gcloud.compute.firewall-rules.list',
    ],
    ['HttpException: 403: Client Error for url: https://x/v2.0/security-groups, Forbidden', '403'],
    ['{"Error":{"Code":"AccessDenied","Message":"no"}}', 'AccessDenied: no'],
    [
      '{"Response":{"Errors":[{"Code":"UnauthorizedOperation","Message":"no"}]}}',
      'UnauthorizedOperation: no',
    ],
    ['{"__type":"AccessDeniedException","Message":"no"}', 'AccessDeniedException: no'],
    ['{"error":{"code":"AuthorizationFailed","message":"no"}}', 'AuthorizationFailed: no'],
    ['{"error":{"code":403,"message":"no","status":"PERMISSION_DENIED"}}', '403: no'],
    ['{"NeutronError":{"type":"PolicyNotAuthorized","message":"no","detail":""}}', 'PolicyNotAuthorized: no'],
    [
      '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors><RequestID>1</RequestID></Response>',
      'UnauthorizedOperation: no',
    ],
    [
      '<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>',
      'AccessDenied: Access Denied',
    ],
    [
      '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">\n  <Error><Type>Sender</Type><Code>AccessDenied</Code></Error></ErrorResponse>',
      'AccessDenied',
    ],
  ])('say that it is no export but a refusal: %j', async (text, words) => {
    for (const named of [undefined, 'aws'] as const) {
      const choice = await chooseReader(new SourceFile('x', text), named);
      expect(choice.ok ? '' : choice.errors[0]?.code).toBe('export-refused');
      expect(choice.ok ? '' : choice.errors[0]?.message).toContain(words);
    }
  });

  it.each([
    ['Chain INPUT (policy DROP)\ntarget     prot opt source               destination\n', 'iptables -L'],
    ['Chain INPUT (policy DROP 0 packets, 0 bytes)\n pkts bytes target\n', 'iptables -L'],
    ['Name: admins\nType: hash:ip\nRevision: 4\nMembers:\n10.0.0.1\n', 'ipset list'],
    [
      '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN\n    inet 127.0.0.1/8 scope host lo\n',
      'ip addr',
    ],
    ['2: eth0@if7: <BROADCAST,MULTICAST,UP> mtu 1500 state UP\n', 'ip addr'],
    ['<iptables-rules version="1.0"><table name="filter"></table></iptables-rules>\n', 'iptables-xml'],
    ['Status: active\n\nTo                         Action      From\n', 'ufw status'],
    ['public (active)\n  target: default\n  icmp-block-inversion: no\n', 'firewall-cmd'],
    ['#!/bin/sh\niptables -F\niptables -A INPUT -p tcp --dport 22 -j ACCEPT\n', 'a script'],
    ['#!/bin/bash\nIPT=/sbin/iptables\n$IPT -P INPUT DROP\n', 'a script'],
    ['set -e\nufw allow 22/tcp\n', 'a script'],
    ['#!/bin/sh\n/usr/sbin/nft add table inet filter\n', 'a script'],
  ])('say what a listing or a script is, and what to save: %j', async (text, words) => {
    const choice = await chooseReader(new SourceFile('x', text), undefined);
    expect(choice.ok ? '' : choice.errors[0]).toMatchObject({
      code: 'other-listing',
      message: expect.stringContaining(words),
      help: expect.stringContaining('save'),
    });
  });

  it.each([
    ['SecurityGroups:\n- Description: x\n  GroupId: sg-1\n', '`aws` prints as YAML', '--output json'],
    [
      '------------\n|  DescribeSecurityGroups  |\n+----------+\n',
      '`aws` prints as a table',
      '--output json',
    ],
    ['SECURITYGROUPS\tdefault VPC security group\tsg-1\tdefault\n', '`aws` prints as text', '--output json'],
    ['Vpcs:\n- CidrBlock: 10.0.0.0/16\n', '`aws` prints as YAML', '--output json'],
    ['- defaultSecurityRules:\n  - access: Allow\n', '`az` prints as YAML', '--output json'],
    ['- enableIPForwarding: false\n  id: x\n- ipConfigurations:\n', '`az` prints as YAML', '--output json'],
    [
      'EnableIPForwarding    Location    MacAddress    Name    NicType    Primary    ProvisioningState    ResourceGroup\n',
      '`az` prints as a table',
      '--output json',
    ],
    ['- ID: x\n  Name: web1\n  Networks:\n    a:\n', '`openstack` prints as YAML', '-f json'],
    [
      'Location    Name    ProvisioningState    ResourceGroup    ResourceGuid\n',
      '`az` prints as a table',
      '--output json',
    ],
    [
      "---\nallowed:\n- IPProtocol: tcp\nkind: compute#firewall\nname: 'a'\n",
      '`gcloud` prints as YAML',
      '--format=json',
    ],
    [
      'NAME  NETWORK  DIRECTION  PRIORITY  ALLOW  DENY  DISABLED\na  default  INGRESS  1000  tcp:22\n',
      '`gcloud` prints as a table',
      '--format=json',
    ],
    ['+----+------+\n| ID | Name |\n+----+------+\n', '`openstack` prints as a table', '-f json'],
    ['"ID","IP Protocol","Ethertype"\n"r","tcp","IPv4"\n', '`openstack` prints as CSV', '-f json'],
    ['- Direction: ingress\n  IP Protocol: tcp\n', '`openstack` prints as YAML', '-f json'],
    ["- Description: ''\n  ID: x\n  Name: default\n  Project: p\n", '`openstack` prints as YAML', '-f json'],
    [
      'None\tetag\t/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/web\twesteurope\n',
      '`az` prints as TSV',
      '--output json',
    ],
    ['name,network,direction,priority\na,default,INGRESS,1000\n', '`gcloud` prints as CSV', '--format=json'],
    [
      '---\nallowed[0].IPProtocol: tcp\nallowed[0].ports[0]: 443\n',
      '`gcloud` prints as flattened text',
      '--format=json',
    ],
    [
      '<?xml version="1.0"?>\n<DescribeSecurityGroupsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"/>',
      'this is XML',
      '--output json',
    ],
    ['<!DOCTYPE html><html><head><title>Sign in</title>', 'this is a web page', 'command line'],
  ])('say in which other form an export is: %j', async (text, message, help) => {
    for (const named of [undefined, 'aws'] as const)
      expect(await complaint(text, named)).toEqual(told('export-not-json', message, help));
  });

  it.each([
    [
      '$ aws ec2 describe-security-groups\n{\n  "SecurityGroups": []\n}\n',
      'before the JSON',
      'standard output',
    ],
    ['WARNING: The following filter keys were not present\n[{"name": "a"}]\n', 'before the JSON', '2>&1'],
    ['\u001b[1m[\u001b[0m\n  {\n    "name": "web"\n', 'colours of a terminal', '-o json'],
  ])('say what a terminal put beside an export: %j', async (text, message, help) => {
    expect(await complaint(text, undefined)).toEqual(told('export-not-json', message, help));
  });

  it.each([
    ['{"version":4,"terraform_version":"1.5.7","resources":[]}', 'Terraform', 'aws ec2'],
    ['resource "aws_security_group" "web" {\n  name = "x"\n}\n', 'Terraform', 'openstack'],
    ['{"//":{},"resource":{"aws_security_group":{"web":{}}}}', 'Terraform', 'aws ec2'],
    ['{"resource":[{"google_compute_firewall":{"web":{}}}]}', 'Terraform', 'gcloud'],
    ['{"deployment":{"resources":[{"urn":"urn:pulumi:dev::web::x"}]}}', 'Pulumi', 'aws ec2'],
    ['resources:\n  web:\n    type: aws:ec2:SecurityGroup\n', 'Pulumi', 'aws ec2'],
    [
      '- hosts: all\n  tasks:\n    - amazon.aws.ec2_security_group:\n        name: web\n',
      'Ansible',
      'aws ec2',
    ],
    ['resources:\n- name: web\n  type: compute.v1.firewall\n', 'Deployment Manager', 'gcloud'],
    ['{"AWSTemplateFormatVersion":"2010-09-09","Resources":{}}', 'CloudFormation', 'aws ec2'],
    ['Resources:\n  Web:\n    Type: AWS::EC2::SecurityGroup\n', 'CloudFormation', 'aws ec2'],
    ['{"fileVersion":"1.0","configurationItems":[]}', 'AWS Config', 'aws ec2'],
    [
      "param location string\nresource nsg 'Microsoft.Network/networkSecurityGroups@2022-01-01' = {\n",
      'Bicep',
      'az network',
    ],
    [
      '[{"name":"//compute.googleapis.com/x","assetType":"compute.googleapis.com/Firewall"}]',
      'Cloud Asset Inventory',
      'gcloud compute',
    ],
    [
      '[{"assetType":"compute.googleapis.com/Firewall","resource":{"data":{"kind":"compute#firewall","name":"a"}}}]',
      'Cloud Asset Inventory',
      'gcloud compute',
    ],
    ['[{"group_id":"sg-0a1b2c3d","group_name":"web","ip_permissions":[]}]', 'another tool', 'aws ec2'],
    ['{"securityGroups":[{"groupId":"sg-0a1b2c3d","ipPermissions":[]}]}', 'another tool', 'aws ec2'],
    ['heat_template_version: 2018-08-31\n', 'Heat', 'openstack'],
    ['apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n', 'Kubernetes', 'gcloud'],
  ])('say what else a document about firewalls is: %j', async (text, what, help) => {
    for (const named of [undefined, 'aws', 'azure', 'gcp', 'openstack'] as const)
      expect(await complaint(text, named)).toEqual(told('other-document', what, help));
  });

  it.each([
    '{"firewalls":[{"id":"x","inbound_rules":[{"protocol":"tcp","ports":"22"}]}]}',
    '{"firewalls":[{"id":1,"name":"x","rules":[],"applied_to":[]}]}',
  ])('take no other provider’s list for one that they know: %j', async (text) => {
    const choice = await chooseReader(new SourceFile('x', text), undefined);
    expect(choice.ok ? '' : choice.errors[0]?.code).toBe('unknown-format');
  });

  it.each([
    '<not a tag',
    'SecurityGroups are nice\n',
    '{"name":"error"}',
    '{"message":"hello"}',
    'ERROR: it rains',
    '{"code":1,"message":"a","a":1,"b":2,"c":3}',
  ])('take for no refusal: %j', async (text) => {
    const choice = await chooseReader(new SourceFile('x', text), undefined);
    expect(choice.ok ? '' : choice.errors[0]?.code).toBe('unknown-format');
  });
});
