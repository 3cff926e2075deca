// Um balcão de pedidos sobre Node: sessão num cookie, ULIDs, `event:` em cada mensagem e CRLF, campos nulos escritos, um
// limite de pedidos com a data em que se pode voltar, ferramentas que a página desenha, e nada que apague tudo.
import { createServer } from "node:http";
import { randomBytes } from "node:crypto";

const { PORT, GEMINI_BASE_URL, GEMINI_MODEL, GEMINI_API_KEY } = process.env;
const SESSIONS = { "bc-ana-51f0c2": "ana", "bc-rui-9d27ae": "rui" };
const BURST = 120;
const PER_SECOND = 40;
const RULES = "Cuidas da lista da pessoa. Uma frase basta.";
const threads = new Map();
const lists = new Map();
const buckets = new Map();
let nextTask = 1000;

class Refusal extends Error {
  constructor(status, headers = {}) {
    super(String(status));
    Object.assign(this, { status, headers });
  }
}
class ModelError extends Error {
  constructor(again, message) {
    super(message);
    this.again = again;
  }
}

const SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
let lastMs = 0;
function ulid() {
  lastMs = Math.max(Date.now(), lastMs);
  let time = lastMs;
  let head = "";
  for (let n = 0; n < 10; n++, time = Math.floor(time / 32)) head = SIGNS[time % 32] + head;
  return head + [...randomBytes(16)].map((byte) => SIGNS[byte % 32]).join("");
}

const now = () => new Date().toISOString().replace("Z", "000+00:00");
const emptyPage = () => ({ data: [], has_more: false, after: null });
const threadJson = (thread, items) => ({
  id: thread.id,
  title: thread.title,
  created_at: thread.created_at,
  status: { type: "active" },
  allowed_image_domains: null,
  metadata: {},
  items: items ?? emptyPage(),
});
const newItem = (thread, type, more) => ({ id: ulid(), thread_id: thread.id, created_at: now(), type, ...more });

function page(rows, { limit, order, after }, usual) {
  if (limit != null && (!Number.isInteger(limit) || limit < 1)) throw new Refusal(400);
  if (order != null && !["asc", "desc"].includes(order)) throw new Refusal(400);
  const seen = (order ?? usual) === "asc" ? [...rows] : [...rows].reverse();
  const from = after == null ? 0 : seen.findIndex((row) => row.id === after) + 1;
  if (after != null && !from) throw new Refusal(400);
  const size = Math.min(limit ?? 20, 20);
  const data = seen.slice(from, from + size);
  const has_more = from + size < seen.length;
  return { data, has_more, after: has_more ? data.at(-1).id : null };
}

function owned(user, params) {
  const thread = threads.get(params.thread_id);
  if (thread?.user !== user) throw new Refusal(404);
  return thread;
}

function answer(user, type, params) {
  switch (type) {
    case "threads.list": {
      const mine = [...threads.values()].filter((thread) => thread.user === user);
      return page(mine.map((thread) => threadJson(thread)), params, "desc");
    }
    case "threads.get_by_id": {
      const thread = owned(user, params);
      return threadJson(thread, page(thread.items, {}, "asc"));
    }
    case "items.list":
      return page(owned(user, params).items, params, "desc");
    case "threads.update": {
      const thread = owned(user, params);
      if (typeof params.title !== "string") throw new Refusal(400);
      thread.title = params.title;
      return threadJson(thread);
    }
    case "threads.delete":
      threads.delete(owned(user, params).id);
      return {};
    case "items.feedback": {
      const known = new Set(owned(user, params).items.map((item) => item.id));
      if (!Array.isArray(params.item_ids) || !["positive", "negative"].includes(params.kind)) throw new Refusal(400);
      if (!params.item_ids.every((id) => known.has(id))) throw new Refusal(404);
      return {};
    }
  }
  throw new Refusal(400);
}

function messageOf(params) {
  const input = params.input;
  const right = (part) => part && ["input_text", "input_tag"].includes(part.type) && typeof part.text === "string";
  if (!input || !Array.isArray(input.content) || !input.content.every(right)) throw new Refusal(400);
  if (input.attachments?.length) throw new Refusal(400);
  const { model = null, tool_choice = null } = input.inference_options ?? {};
  if (model !== null && !/^gemini-/.test(model)) throw new Refusal(400);
  return { content: input.content, attachments: [], quoted_text: input.quoted_text ?? null, inference_options: { model, tool_choice } };
}

const wordsOf = (item) => (item.quoted_text ? `"${item.quoted_text}"\n\n` : "") + item.content.map((part) => part.text).join("");

async function* turn(thread, message, after, signal) {
  if (message) {
    const item = newItem(thread, "user_message", message);
    thread.items.push(item);
    yield { type: "thread.item.done", item };
  } else {
    const at = thread.items.findIndex((item) => item.id === after);
    for (const item of thread.items.splice(at + 1)) yield { type: "thread.item.removed", item_id: item.id };
  }
  yield { type: "stream_options", stream_options: { allow_cancel: true } };
  const asked = thread.items.findLast((item) => item.type === "user_message");
  const { model, tool_choice } = asked.inference_options;
  const messages = [{ role: "system", content: RULES }];
  for (const item of thread.items) {
    if (item.type === "user_message") messages.push({ role: "user", content: wordsOf(item) });
    if (item.type === "assistant_message") messages.push({ role: "assistant", content: wordsOf(item) });
  }
  try {
    for (let round = 0; ; round++) {
      if (round === 10) throw new ModelError(false, "voltas a mais");
      const calls = [];
      const choice = round === 0 && tool_choice?.id ? { type: "function", function: { name: tool_choice.id } } : undefined;
      const text = yield* spoken(thread, { model: model ?? GEMINI_MODEL, messages, tools: TOOLS, tool_choice: choice }, calls, signal);
      if (!calls.length) return;
      messages.push({ role: "assistant", content: text || null, tool_calls: calls });
      for (const call of calls) {
        const { name } = call.function;
        yield { type: "client_effect", name: "ferramenta", data: { nome: name, estado: "a correr" } };
        const content = use(thread.user, call.function);
        yield { type: "client_effect", name: "ferramenta", data: { nome: name, estado: "feito" } };
        messages.push({ role: "tool", tool_call_id: call.id, content });
      }
    }
  } catch (error) {
    if (signal.aborted) return;
    console.error("o modelo falhou:", error.message);
    yield { type: "error", code: "custom", message: "De momento não consigo responder.", allow_retry: error.again ?? true };
  }
}

async function* spoken(thread, body, calls, signal) {
  const item = newItem(thread, "assistant_message", { content: [] });
  const part = { type: "output_text", text: "", annotations: [] };
  const update = (more) => ({ type: "thread.item.updated", item_id: item.id, update: { content_index: 0, ...more } });
  let cut = false;
  try {
    for await (const delta of asked(body, signal)) {
      if (delta.cut) cut = true;
      if (typeof delta.content === "string" && delta.content) {
        if (!part.text) {
          yield { type: "thread.item.added", item: { ...item, content: [] } };
          yield update({ type: "assistant_message.content_part.added", content: { ...part } });
        }
        part.text += delta.content;
        yield update({ type: "assistant_message.content_part.text_delta", delta: delta.content });
      }
      for (const piece of delta.tool_calls ?? []) collect(calls, piece);
    }
    if (!part.text.trim() && !calls.length) throw new ModelError(true, "sem palavras");
  } finally {
    if (part.text) {
      item.content = [part];
      if (threads.has(thread.id)) thread.items.push(item);
    }
  }
  if (part.text) {
    yield update({ type: "assistant_message.content_part.done", content: part });
    yield { type: "thread.item.done", item };
  }
  if (cut) yield { type: "notice", level: "warning", title: null, message: "A resposta foi cortada." };
  return part.text;
}

function collect(calls, piece) {
  const { name, arguments: words = "" } = piece.function ?? {};
  const known = calls.find((call) => (piece.id ? call.id === piece.id : !name && call === calls.at(-1)));
  const call = known ?? { id: piece.id || `chamada_${ulid()}`, type: "function", function: { name: "", arguments: "" } };
  if (!known) calls.push(call);
  if (name && !known) call.function.name = name;
  call.function.arguments += words;
  if (piece.extra_content) call.extra_content = piece.extra_content;
}

async function* asked(body, signal) {
  const url = `${GEMINI_BASE_URL.replace(/\/+$/, "")}/chat/completions`;
  const headers = { "content-type": "application/json", authorization: `Bearer ${GEMINI_API_KEY}` };
  const whole = AbortSignal.any([signal, AbortSignal.timeout(20000)]);
  let response;
  for (let tried = 1; ; tried++) {
    response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ ...body, stream: true }), signal: whole });
    if (![429, 500, 502, 503, 504].includes(response.status) || tried === 3) break;
    await new Promise((done) => setTimeout(done, 150 * tried));
  }
  if (!response.ok) throw new ModelError([429, 500, 502, 503, 504].includes(response.status), `HTTP ${response.status}`);
  const decoder = new TextDecoder();
  let rest = "";
  let reason = "";
  for await (const bytes of response.body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop();
    for (const line of lines.map((each) => each.trimEnd())) {
      if (!line || line.startsWith(":")) continue;
      if (!line.startsWith("data:")) throw new ModelError(true, "isto não é uma resposta");
      const data = line.slice(5).trim();
      if (data === "[DONE]") continue;
      const chunk = JSON.parse(data);
      if (chunk.error || !Array.isArray(chunk.choices)) throw new ModelError(true, "erro a meio");
      for (const choice of chunk.choices) {
        reason = choice.finish_reason ?? reason;
        if (choice.delta) yield choice.delta;
      }
    }
  }
  if (!["stop", "tool_calls", "length"].includes(reason)) throw new ModelError(!reason, reason || "cortado");
  if (reason === "length") yield { cut: true };
}

const tool = (name, description, properties, required = Object.keys(properties)) => ({
  type: "function",
  function: { name, description, parameters: { type: "object", properties, required } },
});
const numero = { type: "integer", description: "número da tarefa" };
const titulo = { type: "string", description: "o que há para fazer" };
const TOOLS = [
  tool("nova_tarefa", "Acrescenta uma tarefa à lista.", { titulo }),
  tool("ver_tarefas", "Mostra as tarefas da lista.", { so_abertas: { type: "boolean" } }, []),
  tool("mudar_tarefa", "Muda o título de uma tarefa.", { numero, titulo }),
  tool("fechar_tarefa", "Dá uma tarefa como feita.", { numero }),
  tool("apagar_tarefa", "Apaga uma tarefa.", { numero }),
];

function use(user, { name, arguments: words }) {
  if (!lists.has(user)) lists.set(user, new Map());
  const mine = lists.get(user);
  let given;
  try {
    given = JSON.parse(words || "{}");
  } catch {
    return JSON.stringify({ erro: "argumentos ilegíveis" });
  }
  if (given === null || typeof given !== "object") return JSON.stringify({ erro: "argumentos ilegíveis" });
  const shown = ([numero, task]) => ({ titulo: task.titulo, feita: task.feita, numero });
  if (name === "nova_tarefa") {
    if (typeof given.titulo !== "string" || !given.titulo) return JSON.stringify({ erro: "falta o título" });
    mine.set(++nextTask, { titulo: given.titulo, feita: false });
    return JSON.stringify(shown([nextTask, mine.get(nextTask)]));
  }
  if (name === "ver_tarefas") {
    return JSON.stringify([...mine].filter(([, task]) => !(given.so_abertas && task.feita)).map(shown));
  }
  const task = mine.get(given.numero);
  if (!task) return JSON.stringify({ erro: `não há tarefa ${given.numero}` });
  if (name === "mudar_tarefa" && typeof given.titulo === "string") task.titulo = given.titulo;
  else if (name === "fechar_tarefa") task.feita = true;
  else if (name === "apagar_tarefa") mine.delete(given.numero);
  else return JSON.stringify({ erro: "não sei fazer isso" });
  return JSON.stringify(shown([given.numero, task]));
}

function admitted(request) {
  const sid = /(?:^|;\s*)balcao_sid=([^;]*)/.exec(request.headers.cookie ?? "")?.[1];
  const user = Object.hasOwn(SESSIONS, sid ?? "") ? SESSIONS[sid] : null;
  if (!user) throw new Refusal(401);
  const bucket = buckets.get(user) ?? { left: BURST, at: Date.now() };
  bucket.left = Math.min(BURST, bucket.left + ((Date.now() - bucket.at) / 1000) * PER_SECOND);
  bucket.at = Date.now();
  buckets.set(user, bucket);
  if (bucket.left < 1) throw new Refusal(429, { "retry-after": new Date(Date.now() + 2000).toUTCString() });
  bucket.left -= 1;
  return user;
}

async function read(request) {
  let text = "";
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for await (const bytes of request) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > 1_500_000) throw new Refusal(413);
  }
  const { type, params } = JSON.parse(text + decoder.decode());
  if (typeof type !== "string" || (params != null && (typeof params !== "object" || Array.isArray(params)))) throw new Error("type");
  return { type, params: params ?? {} };
}

async function serve(request, response) {
  const user = admitted(request);
  const { type, params } = await read(request).catch((error) => {
    throw error instanceof Refusal ? error : new Refusal(400);
  });
  let thread, message;
  if (type === "threads.create") {
    message = messageOf(params);
    thread = { id: ulid(), user, title: null, created_at: now(), items: [] };
    threads.set(thread.id, thread);
  } else if (type === "threads.add_user_message") {
    thread = owned(user, params);
    message = messageOf(params);
  } else if (type === "threads.retry_after_item") {
    thread = owned(user, params);
    if (!thread.items.some((item) => item.id === params.item_id && item.type === "user_message")) throw new Refusal(404);
  } else {
    const body = JSON.stringify(answer(user, type, params));
    response.writeHead(200, { "content-type": "application/json; charset=utf-8" }).end(body);
    return;
  }
  const before = thread.last ?? Promise.resolve();
  let over;
  thread.last = new Promise((done) => (over = done));
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache, no-transform" });
  const send = (event) => response.writable && response.write(`event: ${event.type}\r\ndata: ${JSON.stringify(event)}\r\n\r\n`);
  try {
    response.write(":\r\n\r\n");
    if (type === "threads.create") send({ type: "thread.created", thread: threadJson(thread) });
    await before;
    for await (const event of turn(thread, message, params.item_id, gone.signal)) send(event);
  } finally {
    over();
    response.end();
  }
}

createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://balcao");
  if (pathname !== "/atendimento/chatkit") return void response.writeHead(404).end();
  if (request.method !== "POST") return void response.writeHead(405, { allow: "POST" }).end();
  serve(request, response).catch((error) => {
    if (!(error instanceof Refusal)) console.error(error);
    if (response.headersSent) return void response.destroy();
    const status = error instanceof Refusal ? error.status : 500;
    response.writeHead(status, { "content-type": "application/json", ...error.headers });
    response.end(JSON.stringify({ erro: status, campo: null }));
  });
}).listen(Number(PORT), "127.0.0.1");
