// A ChatKit server in Node, by hand on node:http: no framework, no package.
// PORT, GEMINI_BASE_URL, GEMINI_API_KEY, GEMINI_MODEL say where; HABITS is JSON, see habits.py.
import { createServer } from "node:http";
import { randomUUID } from "node:crypto";

const habits = { auth: "none", answer: "parts", tools: "", ...JSON.parse(process.env.HABITS ?? "{}") };
const KEYS = new Map([["shop-key-of-ann", "ann"], ["shop-key-of-ben", "ben"]]);
const STREAMING = new Set([
  "threads.create", "threads.add_user_message", "threads.add_client_tool_output",
  "threads.add_structured_input", "threads.retry_after_item", "threads.custom_action",
]);
const LARGEST = 4_000_000;

class Refused extends Error {
  constructor(status, words) {
    super(words);
    this.status = status;
  }
}
class ModelFailed extends Error {
  constructor(words, retry = true) {
    super(words);
    this.retry = retry;
  }
}

// Who asks

function userOf(headers) {
  if (habits.auth === "none") return "everyone";
  if (habits.auth === "key") return KEYS.get(headers["x-api-key"]);
  const crumb = /(?:^|;\s*)shop_session=([^;]+)/.exec(headers.cookie ?? "");
  return crumb ? KEYS.get(crumb[1]) : undefined;
}

// Threads

const threads = new Map();
const busy = new Map();

function threadOf(user, id) {
  const thread = typeof id === "string" ? threads.get(id) : undefined;
  if (thread === undefined || thread.owner !== user) throw new Refused(404, "no such thread");
  return thread;
}

function page(rows, { limit, order, after }, usual = "desc") {
  if (limit != null && !(Number.isInteger(limit) && limit > 0)) throw new Refused(400, "limit is a number from 1 on");
  if (order != null && order !== "asc" && order !== "desc") throw new Refused(400, "order is asc or desc");
  let list = (order ?? usual) === "asc" ? [...rows] : [...rows].reverse();
  if (after != null) {
    const at = list.findIndex((row) => row.id === after);
    if (at < 0) throw new Refused(400, "no such cursor");
    list = list.slice(at + 1);
  }
  const data = list.slice(0, limit ?? 20);
  const has_more = list.length > data.length;
  return { data, has_more, after: has_more ? data.at(-1).id : null };
}

const meta = ({ id, title, created_at }) => ({ id, title, created_at, status: { type: "active" }, metadata: {} });
const bare = (thread) => ({ ...meta(thread), items: { data: [], has_more: false, after: null } });
const whole = (thread) => ({ ...meta(thread), items: page(thread.items, { limit: 100 }, "asc") });

function put(thread, item) {
  const at = thread.items.findIndex(({ id }) => id === item.id);
  if (at < 0) thread.items.push(item);
  else thread.items[at] = item;
}

// Requests that are answered with JSON

const ANSWERS = {
  "threads.list": (user, asked) => page([...threads.values()].filter((t) => t.owner === user).map(bare), asked),
  "threads.get_by_id": (user, asked) => whole(threadOf(user, asked.thread_id)),
  "items.list": (user, asked) => page(threadOf(user, asked.thread_id).items, asked),
  "threads.update": (user, asked) => {
    if (typeof asked.title !== "string") throw new Refused(400, "a title is a string");
    const thread = threadOf(user, asked.thread_id);
    thread.title = asked.title;
    return bare(thread);
  },
  "threads.delete": (user, asked) => {
    threads.delete(threadOf(user, asked.thread_id).id);
    return {};
  },
  "items.feedback": (user, asked) => {
    if (!["positive", "negative"].includes(asked.kind)) throw new Refused(400, "feedback is positive or negative");
    threadOf(user, asked.thread_id);
    return {};
  },
};

// Turns

function messageOf(params) {
  const input = params.input;
  const good = Array.isArray(input?.content) && input.content.every((part) => typeof part?.text === "string");
  if (!good || input.attachments?.length) throw new Refused(400, "a message is a list of texts and tags");
  const model = input.inference_options?.model;
  if (model && !String(model).startsWith("gemini-")) throw new Refused(400, "there is no such model");
  return input;
}

function turnOf(user, type, params) {
  if (type === "threads.create") {
    const input = messageOf(params);
    return (signal) => say(user, null, input, signal);
  }
  const thread = threadOf(user, params.thread_id);
  if (type === "threads.add_user_message") {
    const input = messageOf(params);
    return (signal) => say(user, thread, input, signal);
  }
  if (type === "threads.retry_after_item") {
    const at = thread.items.findIndex(({ id, type }) => id === params.item_id && type === "user_message");
    if (at < 0) throw new Refused(404, "no such message");
    return (signal) => again(user, thread, at, signal);
  }
  throw new Refused(409, "nothing in this thread waits for that");
}

async function* inTurn(thread, turn) {
  const before = busy.get(thread.id);
  let free;
  busy.set(thread.id, new Promise((resolve) => (free = resolve)));
  try {
    await before;
    yield* turn();
  } finally {
    free();
  }
}

async function* say(user, given, input, signal) {
  let thread = given;
  if (thread === null) {
    thread = { id: randomUUID(), owner: user, title: null, created_at: new Date().toISOString(), items: [] };
    threads.set(thread.id, thread);
    yield { type: "thread.created", thread: whole(thread) };
  }
  yield* inTurn(thread, async function* () {
    const item = {
      id: randomUUID(), thread_id: thread.id, created_at: new Date().toISOString(), type: "user_message",
      content: input.content, attachments: [], quoted_text: input.quoted_text ?? null,
      inference_options: input.inference_options ?? {},
    };
    put(thread, item);
    yield { type: "thread.item.done", item };
    yield* respond(user, thread, signal);
  });
}

async function* again(user, thread, at, signal) {
  yield* inTurn(thread, async function* () {
    for (const { id } of thread.items.splice(at + 1)) yield { type: "thread.item.removed", item_id: id };
    yield* respond(user, thread, signal);
  });
}

const wordsOf = (item) =>
  (item.quoted_text ? `> ${item.quoted_text}\n\n` : "") + item.content.map((part) => part.text).join("");

async function* respond(user, thread, signal) {
  const told = thread.items.filter(({ type }) => type === "user_message" || type === "assistant_message");
  const messages = [
    { role: "system", content: "You help in a small shop." },
    ...told.map((item) => ({ role: item.type === "user_message" ? "user" : "assistant", content: wordsOf(item) })),
  ];
  try {
    for (let round = 0; round < 12; round++) {
      const answer = { text: "", calls: [], finish: "" };
      yield* answered(thread, messages, answer, signal);
      if (!answer.calls.length) return;
      const calls = answer.calls.map(({ at, asked, ...call }) => call);
      messages.push({ role: "assistant", content: answer.text || null, tool_calls: calls });
      for (const { id, function: f } of calls) {
        yield { type: "progress_update", text: `Running ${f.name}` };
        messages.push({ role: "tool", tool_call_id: id, content: run(user, f.name, f.arguments) });
      }
    }
    throw new ModelFailed("The model called tools without an end.", false);
  } catch (failed) {
    if (!(failed instanceof ModelFailed)) throw failed;
    yield { type: "error", code: "custom", message: failed.message, allow_retry: failed.retry };
  }
}

async function* answered(thread, messages, answer, signal) {
  const item = {
    id: randomUUID(), thread_id: thread.id, created_at: new Date().toISOString(), type: "assistant_message", content: [],
  };
  const update = (more) => ({ type: "thread.item.updated", item_id: item.id, update: { content_index: 0, ...more } });
  const text = (text) => ({ type: "output_text", text, annotations: [] });
  let shown = false;
  let whole = false;
  try {
    for await (const delta of ask(messages, answer, signal)) {
      if (habits.answer === "whole") continue;
      if (!shown) {
        shown = true;
        yield { type: "thread.item.added", item };
      }
      yield update({ type: "assistant_message.content_part.text_delta", delta });
    }
    whole = true;
  } finally {
    // Also where the browser left or the model broke: what was shown is kept, and only that.
    if (answer.text && (whole || shown)) {
      item.content = [text(answer.text)];
      put(thread, item);
      if (!signal.aborted) yield { type: "thread.item.done", item };
    }
  }
}

// The model

const MODEL_MS = 12_000;

// Of a packed answer that breaks off, fetch waits for ever, whatever its signal says.
async function* piecesOf(body, signal) {
  const reader = body.getReader();
  let timer;
  const over = new Promise((_, reject) => {
    timer = setTimeout(reject, MODEL_MS, new Error("late"));
    signal.addEventListener("abort", () => reject(new Error("left")));
  });
  try {
    for (let piece; !(piece = await Promise.race([reader.read(), over])).done; ) yield piece.value;
  } finally {
    clearTimeout(timer);
    over.catch(() => {});
    reader.cancel().catch(() => {});
  }
}

async function* ask(messages, answer, left) {
  const signal = AbortSignal.any([AbortSignal.timeout(MODEL_MS), ...(left ? [left] : [])]);
  const body = { model: process.env.GEMINI_MODEL, messages, stream: true, ...(habits.tools && { tools: TOOLS }) };
  let response;
  try {
    response = await fetch(new URL("chat/completions", process.env.GEMINI_BASE_URL), {
      method: "POST", signal, body: JSON.stringify(body),
      headers: { authorization: `Bearer ${process.env.GEMINI_API_KEY}`, "content-type": "application/json" },
    });
  } catch {
    throw new ModelFailed("The model could not be reached.");
  }
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new ModelFailed("The model refused the request.", response.status >= 429);
  }
  let rest = "";
  const decoder = new TextDecoder();
  try {
    for await (const bytes of piecesOf(response.body, signal)) {
      rest += decoder.decode(bytes, { stream: true });
      const lines = rest.split("\n");
      rest = lines.pop();
      for (const line of lines) {
        const data = line.startsWith("data:") ? line.slice(5).trim() : "[DONE]";
        if (data === "[DONE]") continue;
        const delta = take(answer, data);
        if (delta) yield delta;
      }
    }
  } catch (failed) {
    if (failed instanceof ModelFailed) throw failed;
    throw new ModelFailed("The connection to the model broke.");
  }
  if (!answer.calls.every(({ function: f }) => f.name.trim())) throw new ModelFailed("The model called a tool without a name.");
  if (answer.finish === "length" && answer.text) return;
  if (!["stop", "tool_calls"].includes(answer.finish) || !(answer.text || answer.calls.length))
    throw new ModelFailed("The model gave no answer.");
}

function take(answer, data) {
  let chunk;
  try {
    chunk = JSON.parse(data);
  } catch {
    throw new ModelFailed("The model's answer could not be read.");
  }
  if (Array.isArray(chunk)) chunk = chunk[0];
  if (typeof chunk !== "object" || chunk === null || chunk.error) throw new ModelFailed("The model broke off.");
  let added = "";
  for (const { delta = {}, finish_reason } of chunk.choices ?? []) {
    for (const piece of delta.tool_calls ?? []) takeCall(answer.calls, piece);
    added += delta.content ?? "";
    answer.finish = finish_reason || answer.finish;
  }
  answer.text += added;
  return added;
}

function takeCall(calls, { index, id, function: f = {}, extra_content }) {
  let known = index == null ? undefined : calls.find(({ at }) => at === index);
  if (!known && !f.name) known = calls.at(-1);
  if (known && f.name && id && id !== known.asked) known = undefined;
  if (!known) {
    known = { at: index, asked: id, id: id || `call-${randomUUID()}`, type: "function", function: { name: "", arguments: "" } };
    calls.push(known);
  }
  known.function.name ||= f.name ?? "";
  known.function.arguments += f.arguments ?? "";
  if (extra_content) known.extra_content = extra_content;
}

// Tools

const tasks = new Map();
let number = 7000;
const string = { type: "string" };
const tool = (name, properties = {}, required = []) => ({
  type: "function", function: { name, description: name, parameters: { type: "object", properties, required } },
});
const FIELDS = { title: string, description: string, due_date: string, priority: string };
const TOOLS = [
  tool("createTask", FIELDS, ["title"]),
  tool("getTasks"),
  tool("editTask", { id: { type: "integer" }, ...FIELDS }, ["id"]),
  tool("completeTask", { id: { type: "integer" } }, ["id"]),
  tool("removeTask", { id: { type: "integer" } }, ["id"]),
  tool("completeAllTasks", { confirm: { type: "boolean" } }, ["confirm"]),
  tool("removeAllTasks", { confirm: { type: "boolean" } }, ["confirm"]),
];

function run(user, name, text) {
  let told;
  try {
    told = JSON.parse(text || "{}");
  } catch {
    return "error: the arguments are not valid JSON";
  }
  if (typeof told !== "object" || told === null) return "error: the arguments are an object";
  if (!tasks.has(user)) tasks.set(user, []);
  const mine = tasks.get(user);
  const one = mine.find(({ id }) => String(id) === String(told.id));
  const fields = Object.fromEntries(Object.keys(FIELDS).filter((k) => told[k] != null).map((k) => [k, told[k]]));
  switch (name) {
    case "createTask": {
      if (typeof told.title !== "string" || !told.title) return "error: a task needs a title";
      const made = { id: number++, ...fields, completed: false };
      mine.push(made);
      return JSON.stringify(made);
    }
    case "getTasks":
      return JSON.stringify(mine);
    case "completeAllTasks":
    case "removeAllTasks":
      if (told.confirm !== true) return "error: ask the user first, then call with confirm: true";
      if (name === "removeAllTasks") mine.length = 0;
      for (const task of mine) task.completed = true;
      return JSON.stringify({ ok: true });
  }
  if (one === undefined) return `error: there is no task ${told.id}`;
  if (name === "editTask") Object.assign(one, fields);
  else if (name === "completeTask") one.completed = true;
  else if (name === "removeTask") mine.splice(mine.indexOf(one), 1);
  else return `error: there is no tool ${name}`;
  return JSON.stringify(one);
}

// HTTP

async function read(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > LARGEST) throw new Refused(413, "too large");
    parts.push(part);
  }
  let told;
  try {
    told = JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch {
    throw new Refused(400, "this is not JSON");
  }
  if (typeof told !== "object" || told === null || typeof told.type !== "string") throw new Refused(400, "no request");
  return told;
}

async function handle(request, response) {
  if (request.url.split("?")[0] !== "/v1/chatkit" || request.method !== "POST") throw new Refused(404, "not here");
  const user = userOf(request.headers);
  if (!user) throw new Refused(401, "sign in first");
  const { type, params } = await read(request);
  const asked = typeof params === "object" && params !== null ? params : {};
  if (!STREAMING.has(type)) {
    if (!Object.hasOwn(ANSWERS, type)) throw new Refused(400, `${type.slice(0, 40)} is not offered here`);
    json(response, 200, ANSWERS[type](user, asked));
    return;
  }
  const turn = turnOf(user, type, asked);
  const left = new AbortController();
  response.on("close", () => left.abort());
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  for await (const event of turn(left.signal)) response.write(`data: ${JSON.stringify(event)}\n\n`);
  response.end();
}

function json(response, status, body) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

createServer((request, response) => {
  handle(request, response).catch((failed) => {
    if (response.headersSent) response.end();
    else json(response, failed instanceof Refused ? failed.status : 500, { error: failed instanceof Refused ? failed.message : "sorry" });
  });
}).listen(Number(process.env.PORT), "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${process.env.PORT}/v1/chatkit`));
