/** A line between two threads: each may ask the other, and is answered once. */
import type {MessagePort, Worker} from 'node:worker_threads';

/** What a thread can be asked, by name: each takes one argument. */
export type Questions = Record<string, (argument: never) => unknown>;

type Message =
  | {kind: 'question'; id: number; name: string; argument: unknown}
  | {kind: 'answer'; id: number; value: unknown}
  | {kind: 'failure'; id: number; message: string; fields: object};

interface Pending {
  resolve: (value: never) => void;
  reject: (failure: Error) => void;
}

export class Line<Theirs extends Questions> {
  readonly #port: MessagePort | Worker;
  readonly #answers: Questions;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #end: Error | undefined;

  constructor(port: MessagePort | Worker, answers: Questions) {
    this.#port = port;
    this.#answers = answers;
    port.on('message', (message: Message) => this.#receive(message));
  }

  /** Fails as the other thread did, with a TimeoutError if it does not answer in time, and if the line ends. */
  ask<Name extends keyof Theirs & string>(
    name: Name,
    argument: Parameters<Theirs[Name]>[0],
    withinMs?: number,
  ): Promise<Awaited<ReturnType<Theirs[Name]>>> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      if (this.#end) throw this.#end;
      const settle = (answer: () => void) => {
        clearTimeout(timer);
        this.#pending.delete(id);
        answer();
      };
      const pending: Pending = {
        resolve: value => settle(() => resolve(value)),
        reject: failure => settle(() => reject(failure)),
      };
      const late = () => pending.reject(new TimeoutError(`a thread did not answer within ${withinMs} ms`));
      const timer = withinMs === undefined ? undefined : setTimeout(late, withinMs);
      this.#pending.set(id, pending);
      this.#send({kind: 'question', id, name, argument});
    });
  }

  /** Nobody is at the other end any more. */
  end(failure: Error): void {
    this.#end = failure;
    for (const {reject} of [...this.#pending.values()]) reject(failure);
  }

  #receive(message: Message): void {
    if (message.kind === 'question') {
      this.#answer(message.id, message.name, message.argument);
      return;
    }
    const pending = this.#pending.get(message.id);
    if (message.kind === 'answer') pending?.resolve(message.value as never);
    else pending?.reject(Object.assign(new Error(message.message), message.fields));
  }

  async #answer(id: number, name: string, argument: unknown): Promise<void> {
    try {
      const value = await this.#answers[name]!(argument as never);
      this.#send({kind: 'answer', id, value});
    } catch (failure) {
      // What a copy of an error leaves out: the code of the system's, above all.
      this.#send({kind: 'failure', id, message: (failure as Error).message, fields: {...(failure as Error)}});
    }
  }

  #send(message: Message): void {
    this.#port.postMessage(message);
  }
}

export class TimeoutError extends Error {
  override name = 'TimeoutError';
}
