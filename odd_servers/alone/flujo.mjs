// Una libreta de tareas sobre Node y nada más: la API propia de Gemini, pasos y pensamientos, un título tardío, y una
// segunda pregunta que interrumpe la primera.
import { createServer } from "node:http";
import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { gzipSync } from "node:zlib";

const { PORT, GOOGLE_GEMINI_BASE_URL, GEMINI_MODEL, GEMINI_API_KEY, JWT_SECRET } = process.env;
const NORMAS = "Ayudas con la libreta de tareas. Sé breve.";
const hilos = new Map();
const tareas = new Map();
const vivos = new Map();
let orden = 0;

const herramientas = [
  ["crear_tarea", "Crea una tarea.", { titulo: "STRING", vence: "STRING" }, ["titulo"]],
  ["listar_tareas", "Devuelve todas las tareas.", {}, []],
  ["actualizar_tarea", "Cambia el título.", { clave: "STRING", nuevo_titulo: "STRING" }, ["clave", "nuevo_titulo"]],
  ["completar_tarea", "Da una tarea por hecha.", { clave: "STRING" }, ["clave"]],
  ["eliminar_tarea", "Quita una tarea.", { clave: "STRING" }, ["clave"]],
  ["completar_todas_las_tareas", "Da todas por hechas.", { confirmar: "BOOLEAN" }, ["confirmar"]],
  ["eliminar_todas_las_tareas", "Quita todas.", { confirmar: "BOOLEAN" }, ["confirmar"]],
].map(([name, description, props, required]) => ({
  name,
  description,
  parameters: {
    type: "OBJECT",
    properties: Object.fromEntries(Object.entries(props).map(([key, type]) => [key, { type }])),
    required,
  },
}));

class Negado extends Error {
  constructor(status, codigo) {
    super(codigo);
    this.status = status;
  }
}
class Fallo extends Error {
  constructor(otra_vez, motivo) {
    super(motivo);
    this.otra_vez = otra_vez;
  }
}

function usuario(cabeceras) {
  const ficha = (cabeceras.authorization ?? "").replace(/^bearer /i, "");
  const [cabeza, cuerpo, firma] = ficha.split(".");
  if (!firma) throw new Negado(401, "sin ficha");
  const buena = createHmac("sha256", JWT_SECRET).update(`${cabeza}.${cuerpo}`).digest();
  const dada = Buffer.from(firma, "base64url");
  let dicho, modo;
  try {
    modo = JSON.parse(Buffer.from(cabeza, "base64url"));
    dicho = JSON.parse(Buffer.from(cuerpo, "base64url"));
  } catch {
    throw new Negado(401, "ficha rota");
  }
  const cierta = modo.alg === "HS256" && dada.length === buena.length && timingSafeEqual(dada, buena);
  if (!cierta || !(dicho.exp > Date.now() / 1000) || dicho.nbf > Date.now() / 1000 + 5 || typeof dicho.sub !== "string") throw new Negado(401, "ficha vencida");
  return dicho.sub;
}

const ahora = () => new Date().toISOString();
const nuevo = (hilo, type, mas) => ({ type, id: `${type.slice(0, 3)}~${randomUUID()}`, thread_id: hilo.id, created_at: ahora(), ...mas });
const meta = ({ id, title, created_at }) => ({ id, created_at, metadata: {}, status: { type: "active" }, ...(title ? { title } : {}) });

function pagina(filas, { limit, order, after }, propio) {
  if (limit != null && !(Number.isInteger(limit) && limit > 0)) throw new Negado(400, "limit");
  if (order != null && order !== "asc" && order !== "desc") throw new Negado(400, "order");
  let vistas = (order ?? propio) === "asc" ? [...filas] : [...filas].reverse();
  if (after != null) {
    const lugar = vistas.findIndex((fila) => fila.id === after);
    if (lugar < 0) throw new Negado(400, "after");
    vistas = vistas.slice(lugar + 1);
  }
  const data = vistas.slice(0, Math.min(limit ?? 20, 100));
  const has_more = vistas.length > data.length;
  return { has_more, ...(has_more ? { after: data.at(-1).id } : {}), data };
}

function hilo_de(quien, { thread_id }) {
  const hilo = hilos.get(thread_id);
  if (!hilo || hilo.quien !== quien) throw new Negado(404, "hilo");
  return hilo;
}

function contestar(quien, type, params) {
  const vacia = { data: [], has_more: false };
  switch (type) {
    case "threads.list":
      return pagina([...hilos.values()].filter((h) => h.quien === quien).map((h) => ({ ...meta(h), items: vacia })), params, "desc");
    case "threads.get_by_id": {
      const hilo = hilo_de(quien, params);
      return { ...meta(hilo), items: pagina(hilo.cosas, { limit: 100 }, "asc") };
    }
    case "items.list":
      return pagina(hilo_de(quien, params).cosas, params, "desc");
    case "threads.update": {
      const hilo = hilo_de(quien, params);
      if (typeof params.title !== "string") throw new Negado(400, "title");
      Object.assign(hilo, { title: params.title, puesto: true });
      return { ...meta(hilo), items: vacia };
    }
    case "threads.delete": {
      const hilo = hilo_de(quien, params);
      hilos.delete(hilo.id);
      vivos.get(hilo.id)?.corta.abort();
      return {};
    }
    case "items.feedback":
      hilo_de(quien, params);
      if (!["positive", "negative"].includes(params.kind) || !Array.isArray(params.item_ids)) throw new Negado(400, "kind");
      return {};
  }
  throw new Negado(400, "type");
}

function mensaje(params) {
  const { content, attachments, quoted_text, inference_options } = params.input ?? {};
  const bueno = (parte) => ["input_text", "input_tag"].includes(parte?.type) && typeof parte.text === "string";
  if (!Array.isArray(content) || !content.every(bueno) || attachments?.length) throw new Negado(422, "input");
  const model = inference_options?.model;
  if (model != null && !String(model).startsWith("gemini-")) throw new Negado(422, "model");
  return { content, attachments: [], ...(quoted_text ? { quoted_text } : {}), inference_options: model ? { model } : {} };
}

const palabras = (cosa) =>
  (cosa.quoted_text ? `Sobre «${cosa.quoted_text}»: ` : "") + cosa.content.map((parte) => parte.text).join("");

async function* turno(quien, hilo, dado, tras, corta) {
  if (dado) {
    const cosa = nuevo(hilo, "user_message", dado);
    hilo.cosas.push(cosa);
    yield { type: "thread.item.done", item: cosa };
  } else {
    for (const cosa of hilo.cosas.splice(hilo.cosas.findIndex((c) => c.id === tras) + 1)) {
      yield { type: "thread.item.removed", item_id: cosa.id };
    }
  }
  const dicho = hilo.cosas
    .filter((c) => c.type === "user_message" || c.type === "assistant_message")
    .map((c) => ({ role: c.type === "user_message" ? "user" : "model", parts: [{ text: palabras(c) }] }));
  try {
    for (let ronda = 0; ronda < 8; ronda++) {
      const partes = [];
      yield* respuesta(hilo, dicho, partes, corta);
      const llamadas = partes.filter((parte) => parte.functionCall);
      if (!llamadas.length) return;
      dicho.push({ role: "model", parts: partes });
      const paso = nuevo(hilo, "workflow", { workflow: { type: "custom", tasks: [], expanded: true } });
      yield { type: "thread.item.added", item: structuredClone(paso) };
      const vuelta = [];
      for (const { functionCall: llamada } of llamadas) {
        const task = { type: "custom", title: llamada.name, icon: "bolt", status_indicator: "loading" };
        const task_index = paso.workflow.tasks.push(task) - 1;
        const cambio = (type) => ({ type: "thread.item.updated", item_id: paso.id, update: { type, task_index, task: { ...task } } });
        yield cambio("workflow.task.added");
        const result = usar(quien, llamada.name, llamada.args ?? {});
        vuelta.push({ functionResponse: { ...(llamada.id ? { id: llamada.id } : {}), name: llamada.name, response: { result } } });
        task.status_indicator = "complete";
        yield cambio("workflow.task.updated");
      }
      Object.assign(paso.workflow, { expanded: false, summary: { title: `${llamadas.length} paso(s)`, icon: "check-circle" } });
      hilo.cosas.push(paso);
      yield { type: "thread.item.done", item: paso };
      dicho.push({ role: "user", parts: vuelta });
    }
    throw new Fallo(false, "demasiadas vueltas");
  } catch (fallo) {
    if (corta.signal.aborted) {
      yield { type: "notice", level: "info", message: "Sigo con tu nueva pregunta." };
    } else {
      console.log("fallo del modelo:", fallo instanceof Fallo ? fallo.message : fallo.name);
      yield { type: "error", code: "custom", message: "Ahora no puedo.", allow_retry: fallo.otra_vez ?? true };
    }
  }
}

async function* respuesta(hilo, contents, partes, corta) {
  const cosa = nuevo(hilo, "assistant_message", { content: [] });
  let texto = "";
  let pensando = null;
  const cambio = (update) => ({ type: "thread.item.updated", item_id: cosa.id, update });
  const pieza = () => ({ type: "output_text", text: texto, annotations: [] });
  try {
    for await (const parte of pedido({ contents, tools: [{ functionDeclarations: herramientas }] }, corta)) {
      partes.push(parte);
      if (parte.thought) {
        if (!pensando) {
          pensando = nuevo(hilo, "workflow", { workflow: { type: "reasoning", tasks: [], expanded: false } });
          yield { type: "thread.item.added", item: structuredClone(pensando) };
        }
        const task = { type: "thought", title: "Pensando", content: "Un momento.", status_indicator: "complete" };
        if (!pensando.workflow.tasks.length) {
          pensando.workflow.tasks.push(task);
          yield { type: "thread.item.updated", item_id: pensando.id, update: { type: "workflow.task.added", task_index: 0, task } };
        }
        continue;
      }
      if (!parte.text) continue;
      if (pensando) {
        pensando.workflow.summary = { duration: 1 };
        hilo.cosas.push(pensando);
        yield { type: "thread.item.done", item: pensando };
        pensando = null;
      }
      if (!texto) {
        yield { type: "thread.item.added", item: { ...cosa } };
        yield cambio({ type: "assistant_message.content_part.added", content_index: 0, content: pieza() });
      }
      texto += parte.text;
      yield cambio({ type: "assistant_message.content_part.text_delta", content_index: 0, delta: parte.text });
    }
    if (!texto.trim() && !partes.some((parte) => parte.functionCall)) throw new Fallo(true, "sin palabras");
  } finally {
    if (pensando) {
      hilo.cosas.push(pensando);
      yield { type: "thread.item.done", item: pensando };
    }
    if (texto) {
      cosa.content = [pieza()];
      hilo.cosas.push(cosa);
      yield { type: "thread.item.done", item: cosa };
    }
  }
}

async function* pedido(mas, corta) {
  const url = `${GOOGLE_GEMINI_BASE_URL.replace(/\/$/, "")}/v1beta/models/${GEMINI_MODEL}:streamGenerateContent?alt=sse`;
  const body = JSON.stringify({ systemInstruction: { parts: [{ text: NORMAS }] }, generationConfig: { thinkingConfig: { includeThoughts: true } }, ...mas });
  const headers = { "content-type": "application/json", "x-goog-api-key": GEMINI_API_KEY };
  const signal = AbortSignal.any([corta.signal, AbortSignal.timeout(15000)]);
  const hecho = await fetch(url, { method: "POST", headers, body, signal });
  if (!hecho.ok) throw new Fallo([429, 500, 502, 503, 504].includes(hecho.status), `HTTP ${hecho.status}`);
  const lector = new TextDecoder();
  let resto = "";
  let fin = "";
  for await (const trozo of hecho.body) {
    resto += lector.decode(trozo, { stream: true });
    const lineas = resto.split(/\r?\n/);
    resto = lineas.pop();
    for (const linea of lineas) {
      if (!linea.trim()) continue;
      if (!linea.startsWith("data:")) throw new Fallo(true, "otra cosa");
      const dicho = JSON.parse(linea.slice(5));
      if (dicho.error || Array.isArray(dicho)) throw new Fallo(true, "error a medias");
      const [candidato] = dicho.candidates ?? [];
      if (dicho.promptFeedback?.blockReason) throw new Fallo(false, "bloqueado");
      for (const parte of candidato?.content?.parts ?? []) {
        if (parte.text !== undefined && typeof parte.text !== "string") throw new Fallo(true, "texto que no lo es");
        yield parte;
      }
      fin = candidato?.finishReason ?? fin;
    }
  }
  if (!["STOP", "MAX_TOKENS"].includes(fin)) throw new Fallo(fin === "", fin || "cortado");
}

function usar(quien, nombre, dado) {
  const mias = tareas.get(quien) ?? tareas.set(quien, new Map()).get(quien);
  const fila = ([clave, { titulo, vence, hecha }]) => ({ clave, titulo, vence: vence ?? null, hecha });
  if (typeof dado !== "object" || Array.isArray(dado)) return { ok: false, motivo: "argumentos" };
  if (nombre === "crear_tarea") {
    if (typeof dado.titulo !== "string" || !dado.titulo.trim()) return { ok: false, motivo: "falta el título" };
    const clave = randomUUID();
    mias.set(clave, { titulo: dado.titulo, vence: dado.vence, hecha: false });
    return { ok: true, tarea: fila([clave, mias.get(clave)]) };
  }
  if (nombre === "listar_tareas") return { total: mias.size, tareas: [...mias].map(fila) };
  if (nombre.endsWith("_todas_las_tareas")) {
    if (dado.confirmar !== true) return { ok: false, motivo: "pide confirmación y llama con confirmar=true" };
    const cuantas = mias.size;
    if (nombre.startsWith("eliminar")) mias.clear();
    else for (const tarea of mias.values()) tarea.hecha = true;
    return { ok: true, cuantas };
  }
  const tarea = mias.get(dado.clave);
  if (!tarea) return { ok: false, motivo: "no hay tal tarea" };
  if (nombre === "actualizar_tarea") {
    if (typeof dado.nuevo_titulo !== "string") return { ok: false, motivo: "falta el título" };
    tarea.titulo = dado.nuevo_titulo;
  } else if (nombre === "completar_tarea") tarea.hecha = true;
  else if (nombre === "eliminar_tarea") mias.delete(dado.clave);
  else return { ok: false, motivo: "no hay tal herramienta" };
  return { ok: true, tarea: fila([dado.clave, tarea]) };
}

async function titular(hilo) {
  // Después de cerrar el turno: quien mira la lista más tarde lo ve.
  let titulo = "";
  const contents = [{ role: "user", parts: [{ text: `Escribe un título de tres palabras para: ${palabras(hilo.cosas[0])}` }] }];
  try {
    for await (const parte of pedido({ contents, systemInstruction: { parts: [{ text: "Escribes títulos." }] } }, new AbortController())) {
      if (!parte.thought) titulo += parte.text ?? "";
    }
  } catch {
    titulo = palabras(hilo.cosas[0]);
  }
  if (!hilo.puesto) hilo.title = titulo.trim().slice(0, 60) || undefined;
}

async function atender(pregunta, salida) {
  const trozos = [];
  let largo = 0;
  for await (const trozo of pregunta) {
    largo += trozo.length;
    if (largo > 2_000_000) throw new Negado(413, "largo");
    trozos.push(trozo);
  }
  const quien = usuario(pregunta.headers);
  let type, params;
  try {
    ({ type, params } = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(trozos))));
    params ??= {};
    if (typeof type !== "string" || typeof params !== "object" || Array.isArray(params)) throw new Error();
  } catch {
    throw new Negado(400, "json");
  }
  if (!["threads.create", "threads.add_user_message", "threads.retry_after_item"].includes(type)) {
    const cuerpo = Buffer.from(JSON.stringify(contestar(quien, type, params)));
    const aprieta = /\bgzip\b/.test(pregunta.headers["accept-encoding"] ?? "");
    const enviado = aprieta ? gzipSync(cuerpo) : cuerpo;
    salida.writeHead(200, { "content-type": "application/json", "content-length": enviado.length, vary: "accept-encoding", ...(aprieta ? { "content-encoding": "gzip" } : {}) });
    salida.end(enviado);
    return;
  }
  let hilo, dado;
  const creado = type === "threads.create";
  if (creado) {
    dado = mensaje(params);
    hilo = { id: `hilo~${randomUUID()}`, quien, created_at: ahora(), cosas: [], n: orden++ };
    hilos.set(hilo.id, hilo);
  } else {
    hilo = hilo_de(quien, params);
    if (type === "threads.add_user_message") dado = mensaje(params);
    else if (!hilo.cosas.some((c) => c.id === params.item_id && c.type === "user_message")) throw new Negado(404, "item");
  }
  const anterior = vivos.get(hilo.id);
  const corta = new AbortController();
  const mio = { corta };
  mio.fin = new Promise((listo) => (mio.listo = listo));
  vivos.set(hilo.id, mio);
  anterior?.corta.abort();
  await anterior?.fin;
  salida.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" });
  salida.on("close", () => corta.abort());
  const decir = (evento) => salida.writable && salida.write(`data: ${JSON.stringify(evento)}\n\n`);
  const latido = setInterval(() => decir({ type: "progress_update", icon: "clock", text: "Sigo aquí …" }), 300);
  try {
    if (creado) decir({ type: "thread.created", thread: { ...meta(hilo), items: { data: [], has_more: false } } });
    for await (const evento of turno(quien, hilo, dado, params.item_id, corta)) decir(evento);
  } finally {
    clearInterval(latido);
    if (vivos.get(hilo.id) === mio) vivos.delete(hilo.id);
    mio.listo();
    salida.end();
  }
  if (creado) await titular(hilo);
}

createServer((pregunta, salida) => {
  if (pregunta.url !== "/api/charla" || pregunta.method !== "POST") {
    salida.writeHead(pregunta.url === "/api/charla" ? 405 : 404, { allow: "POST" }).end();
    return;
  }
  atender(pregunta, salida).catch((error) => {
    if (salida.headersSent) return void salida.destroy();
    if (!(error instanceof Negado)) console.error(error);
    salida.writeHead(error.status ?? 500, { "content-type": "application/json" }).end(JSON.stringify({ error: error.status ? error.message : "interno" }));
  });
}).listen(Number(PORT), "127.0.0.1");
