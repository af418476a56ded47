/** A client of several connections, which lets them take turns: so each call of a test may come to another thread. */
import {createTestClient, type TestClient} from './test-client.js';

export function spreadClient(address: string, connections: number): TestClient {
  const clients = Array.from({length: connections}, () => createTestClient(address));
  let turn = 0;
  return new Proxy(clients[0]!, {
    get: (_first, name) => {
      if (name === 'close') return () => clients.forEach(client => void client.close());
      return clients[turn++ % connections]![name as keyof TestClient];
    },
  });
}
