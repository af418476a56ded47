/** The attackers: connections that do one attack again and again, in a process of their own, until they are told to stop. */
import {connect, type Socket} from 'node:net';
import {setTimeout as delay} from 'node:timers/promises';
import {limits} from '../../src/base/index.js';
import {GetRequest} from '../../src/gen/krusty/cache/v1/cache_service.js';
import {type Attack, attacksOn} from '../../test/wire/helpers/attacks.js';
import {preface, settings} from '../../test/wire/helpers/frames.js';
import {answerRequests} from '../lib/node-child.js';

/** Starts the attack of this name on the server at the address, or stops what goes on. */
export interface AttackRequest {
  start?: {name: string; address: string; largeKey: string};
}

export interface AttackAnswer {
  names: string[];
  /** Since the start. */
  connections: number;
  sentBytes: number;
}

/** How much of each there is: this many connections, each says so much in each pause, and comes back so late once it was cut off. */
export const attackers = 10;
export const pieceBytes = 16 * 1024;
export const pauseMs = 10;
export const returnMs = 100;

const getOf = (key: string) => GetRequest.encode(GetRequest.fromPartial({key})).finish();

function attacks(largeKey = ''): Readonly<Record<string, Attack>> {
  return attacksOn({
    path: '/krusty.cache.v1.CacheService/Get',
    request: getOf('nothing'),
    largeRequest: getOf(largeKey),
    requestBytesMost: limits.valueBytesDefault + limits.requestOverheadBytes,
  });
}

const answer: AttackAnswer = {names: Object.keys(attacks()), connections: 0, sentBytes: 0};
const sockets = new Set<Socket>();
let isOn = false;

async function attackAgain(attack: Attack, address: string): Promise<void> {
  while (isOn) {
    await attackOnce(attack, address);
    if (isOn) await delay(returnMs);
  }
}

/** Until the connection is over. */
async function attackOnce(attack: Attack, address: string): Promise<void> {
  const [host, port] = address.split(':');
  const socket = connect({host, port: Number(port), allowHalfOpen: true});
  sockets.add(socket);
  answer.connections++;
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  socket.on('close', over).on('error', over).on('end', over);
  if (!attack.readsNothing) socket.resume();
  send(socket, Buffer.concat([attack.first ?? Buffer.concat([preface, settings()]), attack.begin ?? Buffer.alloc(0)]));
  let index = 0;
  while (isOn && !isOver) {
    if (attack.next && !socket.writableNeedDrain) {
      const frames: Buffer[] = [];
      for (let bytes = 0; bytes < pieceBytes; bytes += frames.at(-1)!.length) frames.push(attack.next(index++));
      send(socket, Buffer.concat(frames));
      if (attack.endsSide) socket.end();
    }
    await delay(pauseMs);
  }
  socket.destroy();
  sockets.delete(socket);
}

function send(socket: Socket, bytes: Buffer): void {
  if (!socket.writable) return;
  answer.sentBytes += bytes.length;
  socket.write(bytes);
}

let attacking: Promise<unknown> = Promise.resolve();

async function stop(): Promise<void> {
  isOn = false;
  for (const socket of sockets) socket.destroy();
  // They would go on with the server they were on, if the next began before they have seen it.
  await attacking;
}

await answerRequests(async ({start}: AttackRequest) => {
  await stop();
  if (!start) return answer;
  isOn = true;
  answer.connections = 0;
  answer.sentBytes = 0;
  const attack = attacks(start.largeKey)[start.name]!;
  // One after the other, as those who know nothing of each other would.
  const begin = (attacker: number) =>
    delay((attacker * pauseMs) / attackers).then(() => attackAgain(attack, start.address));
  attacking = Promise.all(Array.from({length: attackers}, (_, attacker) => begin(attacker)));
  return answer;
});
