/** An authority of a test's own and a certificate for 127.0.0.1 that it has signed, made by openssl, good for two days. */
import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {runOrThrow} from './child.js';
import {inRoot} from './root.js';

/** Paths of files in PEM. */
export interface Certificates {
  authority: string;
  certificate: string;
  key: string;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export async function makeCertificates(): Promise<Certificates> {
  const folder = inRoot('build', 'certificates');
  mkdirSync(folder, {recursive: true});
  const file = (name: string) => join(folder, name);
  const made = {authority: file('authority.pem'), certificate: file('server.pem'), key: file('server.key')};
  const authorityKey = file('authority.key');
  await openssl([
    ...['-keyout', authorityKey, '-out', made.authority, '-subj', '/CN=Authority of a test'],
    ...['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign'],
  ]);
  await openssl([
    ...['-keyout', made.key, '-out', made.certificate, '-subj', '/CN=localhost'],
    ...['-CA', made.authority, '-CAkey', authorityKey],
    ...['-addext', 'basicConstraints=critical,CA:FALSE', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'],
  ]);
  return made;
}

async function openssl(args: string[]): Promise<void> {
  await runOrThrow('openssl', ['req', '-x509', '-days', '2', ...newKey, ...args], {timeoutMs: 20_000});
}
