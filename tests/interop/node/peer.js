// SPDX-License-Identifier: MIT
// Everything in Apache Thrift's Node: peer.js server DIALECT | client DIALECT
// PORT. The build copies it beside node_modules and gen-nodejs.
"use strict";

const assert = require("assert");
const util = require("util");
const thrift = require("thrift");
const Everything = require("./gen-nodejs/Everything");
const Future = require("./gen-nodejs/Future");
const Second = require("./gen-nodejs/Second");
const types = require("./gen-nodejs/everything_types");

thrift.setLogFunc(() => {});
process.noDeprecation = true; // because the library calls Buffer()

const big = (hex) => new thrift.Int64(hex);
const least = () => big("8000000000000000");
const most = () => big("7fffffffffffffff");
const later = (ms) => new Promise((done) => setTimeout(done, ms));

// The old binary protocol. The library's connections have no option for it.
function OldProtocol(transport) {
  thrift.TBinaryProtocol.call(this, transport, false, false);
}
util.inherits(OldProtocol, thrift.TBinaryProtocol);

const words = process.argv[3].split("-");
const mux = words[0] === "mux";
const [framing, name] = mux ? words.slice(1) : words;
const options = {
  transport: ["unframed", "http", "theader"].includes(framing)
    ? thrift.TBufferedTransport
    : thrift.TFramedTransport,
  protocol: {
    binary: thrift.TBinaryProtocol,
    compact: thrift.TCompactProtocol,
    json: thrift.TJSONProtocol,
    old: OldProtocol,
  }[name],
};
if (framing === "theader") options.protocol = thrift.THeaderProtocol;

function nap(ms) {
  if (framing !== "theader") return later(ms).then(() => ms);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  return ms;
}

// The library adds a reply's header only if the handler answers before it
// returns. A handler does so by the callback after its arguments, not by a
// promise. The library chooses between the two by the `length` of the handler.
function atOnce(handle) {
  const wrapped = (...args) => {
    const done = args.pop();
    let value;
    try {
      value = handle(...args);
    } catch (error) {
      return done(error);
    }
    done(null, value);
  };
  return Object.defineProperty(wrapped, "length", { value: 9 });
}

function serve() {
  let forgotten = 0;
  const handler = {
    echo: (all) => all,
    flip: (yes) => !yes,
    sum: (a, b, c, d) => a + b + c + d.toNumber(),
    half: (real) => real / 2,
    large: (text) => text,
    nothing() {},
    trouble(kind) {
      if (kind === 1)
        throw new types.Wrong({
          why: "all wrong",
          all: new types.All({ text: "inside" }),
        });
      if (kind === 2) throw new types.Late({ ms: most() });
      if (kind === 3) throw new Error("out of order");
      return kind;
    },
    forget(number) {
      forgotten += number;
    },
    remembered: () => forgotten,
    collect: (alls) => ({ once: alls, again: alls }),
    grow: (grow) => grow,
    seen: () => new types.Seen({ headers: {}, left_ms: -1 }),
    relay() {
      throw new Error("only weft's server calls itself");
    },
    nap,
    business(status) {
      throw new Error("sold out");
    },
    twice: (number) => 2 * number,
  };
  if (framing === "theader")
    for (const name of Object.keys(handler))
      if (name !== "forget") handler[name] = atOnce(handler[name]);
  let server;
  if (mux) {
    const processor = new thrift.MultiplexedProcessor();
    const add = (name, service) =>
      processor.registerProcessor(name, new service.Processor(handler));
    add("Everything", Everything);
    add("Second", Second);
    server = thrift.createMultiplexServer(processor, options);
  } else {
    server = thrift.createServer(Everything, handler, options);
  }
  server.on("error", () => {});
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));
}

function sample() {
  const inner = new types.Inner({ x: -2, name: "two" });
  // In compact the library reads each bool of a container as false.
  const bools = name !== "compact";
  return new types.All({
    yes: true, tiny: -128, small: -32768, medium: -2147483648, big: least(),
    real: 0.1, text: "na\u00efve \u20ac \u{1f600}",
    bytes: Buffer.from([0, 1, 255]), color: types.Color.BLUE, inner,
    choice: new types.Choice({ text: "chosen" }),
    numbers: [0, 1, -1, 2147483647, -2147483648], words: ["", "a", "\u00fc"],
    counts: { min: least(), max: most() },
    inners: [inner, new types.Inner({ x: 1, name: "" })],
    lines: { 7: ["x", ""], "-7": [] }, present: -42,
    bits: bools ? [true, false, true] : [],
    reals: [0, -1.5, 1e300, 1e-300], bigs: [least(), most()],
    deep: [{ k: inner }, {}], fixed: 43, another: inner,
    blobs: [Buffer.from([0, 255]), Buffer.alloc(0)],
    grid: [[-32768, -1], [], [32767]],
    colors: bools ? { 1: true, 70000: false } : {}, far: 127,
  });
}

// A sample for peers that skip it. Apache's Python skips binary as if it were
// text, so all bytes must be text.
function sampleText() {
  return Object.assign(sample(), { bytes: Buffer.from("text"), blobs: [] });
}

// Returns the value in a form that can be compared: sets sorted, Int64 and
// buffers as text.
function plain(value) {
  if (value instanceof thrift.Int64) return value.toOctetString();
  if (Buffer.isBuffer(value)) return value.toString("hex");
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const copy = {};
  for (const key of Object.keys(value).sort()) copy[key] = plain(value[key]);
  for (const set of ["words", "bigs"]) if (copy[set]) copy[set].sort();
  return copy;
}

function same(a, b) {
  assert.deepStrictEqual(plain(a), plain(b));
}

async function fails(promise, check) {
  let error;
  try {
    await promise;
  } catch (thrown) {
    error = thrown;
  }
  assert(error, "no exception");
  check(error);
}

async function checkValues(c, second) {
  const blank = new types.All({ choice: new types.Choice({ number: 0 }) });
  assert.strictEqual((await c.echo(blank)).fixed, 42);
  same(await c.echo(sample()), sample());
  assert.strictEqual(await c.flip(false), true);
  const sum = await c.sum(-128, -32768, -2147483648, -1);
  assert.strictEqual(sum.toNumber(), -128 - 32768 - 2147483648 - 1);
  assert.strictEqual(await c.half(1e-300), 0.5e-300);
  await c.nothing();
  // on each arrival JSON parses all bytes again: seconds for a megabyte
  const text = "0123456789abcdef".repeat(name === "json" ? 4096 : 65536);
  assert((await c.large(text)) === text, "large");
  const both = await c.collect([sample(), blank, sample()]);
  for (const key of ["once", "again"]) {
    assert.strictEqual(both[key].length, 3);
    same(both[key][0], sample());
    same(both[key][2], sample());
  }
  if (second) assert.strictEqual(await second.twice(21), 42);
}

async function checkTrouble(c) {
  await fails(c.trouble(1), (e) => {
    assert(e instanceof types.Wrong, e);
    assert.deepStrictEqual([e.why, e.all.text], ["all wrong", "inside"]);
  });
  await fails(c.trouble(2), (e) => {
    assert(e instanceof types.Late, e);
    assert.strictEqual(plain(e.ms), plain(most()));
  });
  await fails(c.trouble(3), (e) => {
    assert([0, 6].includes(e.type), e);
    assert(e.message.includes("out of order"), e.message);
  });
  await fails(c.business(1001), (e) => assert.match(e.message, /sold out/));
  assert.strictEqual(await c.trouble(0), 0);
}

async function checkVersions(c, future) {
  const grow = new types.Grown({
    name: "first", all: sampleText(), more: [sampleText(), sampleText()],
    index: { a: [1, 2], b: [] }, yes: true, real: 1.5,
    bytes: Buffer.from("text"), choice: new types.Choice({ number: 3 }),
    tail: big("11f71fb0450"), last: 5,
  });
  const back = await future.grow(grow, sampleText());
  same([back.name, back.tail], ["first", grow.tail]);
  assert(back.more === null && back.last === null, "grow");
  await fails(future.only_here(sampleText()), (e) =>
    assert.strictEqual(e.type, 1));
}

async function checkMany(c) {
  const before = await c.remembered();
  const sums = [];
  for (let i = 0; i < 400; i++) sums.push(c.sum(1, i, 0, big("2")));
  (await Promise.all(sums)).forEach((sum, i) =>
    assert.strictEqual(sum.toNumber(), i + 3));
  for (let i = 1; i <= 10; i++) c.forget(i);
  let after = before;
  while (after !== before + 55) after = await c.remembered();
}

// A call times out, and the next one succeeds.
async function checkTimeout(c) {
  // A reply comes first only if this program was held up until then.
  for (let first, ms = 2000; first !== "late"; ms *= 2)
    first = await Promise.race([c.nap(ms), later(100).then(() => "late")]);
  assert.strictEqual(await c.flip(true), false);
}

async function checkSeen(c) {
  const seen = await c.seen();
  const asked = framing === "http" ? "why not" : undefined;
  assert.strictEqual(seen.headers.ask, asked);
}

// The library finds the call of a reply by its number. A connection serves one
// client, or several with a multiplexer.
async function call(port) {
  const connections = [];
  const connect = () => {
    const to = framing === "http" ? thrift.createHttpConnection
      : thrift.createConnection;
    const more = { path: "/weft", headers: { ask: "why not" } };
    const c = to("127.0.0.1", port, Object.assign(more, options));
    connections.push(c);
    c.on("error", (error) => {
      console.error(error);
      process.exit(1);
    });
    return c;
  };
  const client = (service, named) =>
    mux ? new thrift.Multiplexer().createClient(named, service, connect())
      : thrift.createClient(service, connect());
  const c = client(Everything, "Everything");
  await checkValues(c, mux && client(Second, "Second"));
  await checkTrouble(c);
  await checkVersions(c, client(Future, "Everything"));
  await checkMany(c);
  await checkTimeout(c);
  await checkSeen(client(Everything, "Everything"));
  connections.forEach((c) => c.end && c.end());
  process.exit(0);
}

if (process.argv[2] === "server") serve();
else
  call(Number(process.argv[4])).catch((error) => {
    console.error(error);
    process.exit(1);
  });
