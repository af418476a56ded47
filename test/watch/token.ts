/** What the checker reads in a token, which is opaque to clients: of which life of the server it is, and how far it has come. */

export interface Token {
  epoch: string;
  revision: number;
}

export function readToken(text: string): Token | undefined {
  const [epoch = '', revision = ''] = text.split('.');
  return epoch !== '' && /^[0-9a-z]+$/.test(revision) ? {epoch, revision: Number.parseInt(revision, 36)} : undefined;
}
