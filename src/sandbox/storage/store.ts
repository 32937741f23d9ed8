import { type KubeObject, parseJson } from '../../model/index.js';

/** A change that watches are told of. Texts are whole objects in their storage version. */
export interface StoredEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  rv: number;
  key: string;
  text: string;
  /** The object before the change; undefined for ADDED. */
  before?: string;
}

export interface Entry {
  readonly rv: number;
  readonly text: string;
}

/** An object of the file whose text is read when it is first asked for. */
class KeptEntry implements Entry {
  #text: string | undefined;
  #read: (() => string) | undefined;

  constructor(
    readonly rv: number,
    read: () => string,
  ) {
    this.#read = read;
  }

  get text(): string {
    if (this.#read) {
      this.#text = this.#read();
      this.#read = undefined;
    }
    return this.#text as string;
  }
}

/** A collection as it was at an earlier version. */
export interface Snapshot {
  /** In order. */
  readonly keys: readonly string[];
  text(key: string): string | undefined;
}

/** Where writes go that must outlive the process. */
export interface Journal {
  put(resource: string, key: string, rv: number, text: string): void;
  remove(resource: string, key: string, rv: number): void;
  /** Resolves when all writes until now are kept; undefined where they are. Nobody is told of a write before that. */
  settled(): Promise<void> | undefined;
}

interface Collection {
  entries: Map<string, Entry>;
  /** Keys in order; undefined while it has to be sorted anew. */
  sorted: string[] | undefined;
  events: StoredEvent[];
  /** Characters that `events` hold. */
  held: number;
  /** The snapshot that was asked for last: pages of one list follow each other. */
  snapshot: { rv: number; upTo: number; value: Snapshot } | undefined;
  /** Changes at or below this version are not in `events` any more. */
  forgotten: number;
  listeners: Set<(event: StoredEvent) => void>;
}

const WINDOW = 4096;
/** What the changes of one resource may hold in memory, in characters. */
const HELD = 64 * 1024 * 1024;
const CACHE = 8192;

/**
 * All objects in memory as JSON text, with one version counter and a window of recent changes per resource.
 * A resource is named `plural.group`; a key is `namespace/name` (`/name` for cluster scope). A write may be
 * told of when `settled` says so.
 */
export class Store {
  #rv: number;
  readonly #collections = new Map<string, Collection>();
  readonly #parsed = new Map<string, KubeObject>();
  readonly #observers = new Set<(resource: string, event: StoredEvent) => void>();

  constructor(
    private readonly journal: Journal | undefined,
    rv = 1,
  ) {
    this.#rv = rv;
  }

  /** The version of the latest change. */
  get rv(): number {
    return this.#rv;
  }

  #collection(resource: string): Collection {
    let found = this.#collections.get(resource);
    if (!found) {
      found = {
        entries: new Map(),
        sorted: undefined,
        events: [],
        held: 0,
        snapshot: undefined,
        forgotten: this.#sealed,
        listeners: new Set(),
      };
      this.#collections.set(resource, found);
    }
    return found;
  }

  /** Puts back what the journal held; changes before it count as forgotten. */
  restore(resource: string, key: string, rv: number, read: () => string): void {
    const collection = this.#collection(resource);
    collection.entries.set(key, new KeptEntry(rv, read));
    collection.sorted = undefined;
  }

  /** The version below which no watch may begin, after a restart. */
  sealHistory(): void {
    for (const collection of this.#collections.values()) collection.forgotten = this.#rv;
    this.#sealed = this.#rv;
  }

  #sealed = 0;

  get(resource: string, key: string): Entry | undefined {
    return this.#collections.get(resource)?.entries.get(key);
  }

  /** The object of a text; shared, so never to be changed in place. */
  parse(text: string): KubeObject {
    const known = this.#parsed.get(text);
    if (known) return known;
    const object = parseJson(text) as unknown as KubeObject;
    this.#remember(text, object);
    return object;
  }

  #remember(text: string, object: KubeObject): void {
    if (this.#parsed.size >= CACHE) {
      let drop = CACHE / 4;
      for (const old of this.#parsed.keys()) {
        if (drop-- <= 0) break;
        this.#parsed.delete(old);
      }
    }
    this.#parsed.set(text, object);
  }

  /** Keys below a namespace ('' for all), in order. */
  keys(resource: string, namespace = ''): string[] {
    const collection = this.#collections.get(resource);
    if (!collection) return [];
    collection.sorted ??= [...collection.entries.keys()].sort();
    if (namespace === '') return collection.sorted;
    const from = lowerBound(collection.sorted, `${namespace}/`);
    const to = lowerBound(collection.sorted, `${namespace}0`);
    return collection.sorted.slice(from, to);
  }

  count(resource: string): number {
    return this.#collections.get(resource)?.entries.size ?? 0;
  }

  resources(): string[] {
    return [...this.#collections.keys()];
  }

  /** Resolves when all writes until now outlive the process; undefined where they do. */
  settled(): Promise<void> | undefined {
    return this.journal?.settled();
  }

  /** The version that the next write will carry. */
  nextVersion(): number {
    return this.#rv + 1;
  }

  /** Stores a text that carries `nextVersion()` as its resourceVersion. */
  put(resource: string, key: string, text: string, object?: KubeObject): StoredEvent {
    const rv = this.#rv + 1;
    const collection = this.#collection(resource);
    // Read before the journal has the new text: it may still be there only.
    const before = collection.entries.get(key)?.text;
    this.journal?.put(resource, key, rv, text);
    this.#rv = rv;
    collection.entries.set(key, { rv, text });
    if (before === undefined && collection.sorted) insertSorted(collection, key);
    if (object) this.#remember(text, object);
    return this.#tell(resource, collection, {
      type: before === undefined ? 'ADDED' : 'MODIFIED',
      rv,
      key,
      text,
      ...(before === undefined ? {} : { before }),
    });
  }

  /** Removes an object; `text` is its last state, carrying `nextVersion()`. */
  remove(resource: string, key: string, text: string): StoredEvent | undefined {
    const collection = this.#collection(resource);
    const before = collection.entries.get(key)?.text;
    if (before === undefined) return undefined;
    const rv = this.#rv + 1;
    this.journal?.remove(resource, key, rv);
    this.#rv = rv;
    collection.entries.delete(key);
    if (collection.sorted) {
      const at = lowerBound(collection.sorted, key);
      if (collection.sorted[at] === key) collection.sorted.splice(at, 1);
    }
    return this.#tell(resource, collection, { type: 'DELETED', rv, key, text, before });
  }

  #tell(resource: string, collection: Collection, event: StoredEvent): StoredEvent {
    collection.events.push(event);
    collection.held += sizeOf(event);
    if (collection.events.length >= WINDOW * 2) forget(collection, WINDOW);
    else if (collection.held > HELD) forget(collection, Math.max(1, collection.events.length >> 1));
    for (const listener of collection.listeners) listener(event);
    for (const observer of this.#observers) observer(resource, event);
    return event;
  }

  /** The version of the latest change that is not known any more, of one resource. */
  forgotten(resource: string): number {
    return this.#collections.get(resource)?.forgotten ?? this.#sealed;
  }

  /** A collection as it was at a version, or undefined where changes since then are forgotten. */
  at(resource: string, rv: number): Snapshot | undefined {
    const collection = this.#collections.get(resource);
    const since = this.since(resource, rv);
    if (since === undefined) return undefined;
    if (!collection || since.length === 0) return { keys: this.keys(resource), text: (key) => collection?.entries.get(key)?.text };
    const upTo = (since.at(-1) as StoredEvent).rv;
    const known = collection.snapshot;
    if (known && known.rv === rv && known.upTo === upTo) return known.value;
    const value = undone(this.keys(resource), since, (key) => collection.entries.get(key)?.text);
    collection.snapshot = { rv, upTo, value };
    return value;
  }

  /** Changes after a version, or undefined where some of them are forgotten. */
  since(resource: string, rv: number): StoredEvent[] | undefined {
    const collection = this.#collections.get(resource);
    if (rv < (collection?.forgotten ?? this.#sealed)) return undefined;
    if (!collection) return [];
    let low = 0;
    let high = collection.events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((collection.events[middle] as StoredEvent).rv <= rv) low = middle + 1;
      else high = middle;
    }
    return collection.events.slice(low);
  }

  /** Tells each later change of one resource; the result ends it. */
  listen(resource: string, listener: (event: StoredEvent) => void): () => void {
    const { listeners } = this.#collection(resource);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Tells each later change of every resource; the result ends it. */
  observe(observer: (resource: string, event: StoredEvent) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }
}

/** The state before changes: each key that they touch is as its first change found it. */
function undone(keys: readonly string[], changes: readonly StoredEvent[], now: (key: string) => string | undefined): Snapshot {
  const before = new Map<string, string | undefined>();
  for (const change of changes) if (!before.has(change.key)) before.set(change.key, change.before);
  const kept = keys.filter((key) => !before.has(key));
  for (const [key, text] of before) if (text !== undefined) kept.push(key);
  return { keys: kept.sort(), text: (key) => (before.has(key) ? before.get(key) : now(key)) };
}

const sizeOf = (event: StoredEvent) => event.text.length;

function forget(collection: Collection, count: number): void {
  for (let i = 0; i < count; i++) collection.held -= sizeOf(collection.events[i] as StoredEvent);
  collection.forgotten = (collection.events[count - 1] as StoredEvent).rv;
  collection.events = collection.events.slice(count);
  collection.snapshot = undefined;
}

function lowerBound(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insertSorted(collection: Collection, key: string): void {
  const sorted = collection.sorted as string[];
  if (sorted.length === 0 || (sorted.at(-1) as string) < key) sorted.push(key);
  else sorted.splice(lowerBound(sorted, key), 0, key);
}
