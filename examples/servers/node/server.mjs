// chatkit-node-backend-sdk as its documentation shows it: an agent of OpenAI's Agents SDK on Gemini, a store of two maps.
import { createServer } from "node:http";
import { Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, run } from "@openai/agents";
import { agents, ChatKitServer, Store, StoreNotFoundError } from "chatkit-node-backend-sdk";
import OpenAI from "openai";

const { GEMINI_API_KEY, GEMINI_BASE_URL, GEMINI_MODEL, MODEL_API, PORT } = process.env;
// Gemini has Chat Completions alone; what OpenAI's own models are asked by shows what the package does with those.
const Model = MODEL_API === "responses" ? OpenAIResponsesModel : OpenAIChatCompletionsModel;
const gemini = new OpenAI({ apiKey: GEMINI_API_KEY, baseURL: GEMINI_BASE_URL });
const agent = new Agent({
  name: "chat",
  instructions: "You are a helpful assistant.",
  model: new Model(gemini, GEMINI_MODEL),
});

function pageOf(rows, after, limit, order) {
  const sorted = order === "desc" ? rows.toReversed() : rows;
  const start = after ? sorted.findIndex((row) => row.id === after) + 1 : 0;
  const data = sorted.slice(start, start + limit);
  return { data, has_more: start + limit < rows.length, after: data.at(-1)?.id ?? null };
}

class MemoryStore extends Store {
  threads = new Map();
  items = new Map();
  async loadThread(id) {
    if (!this.threads.has(id)) throw new StoreNotFoundError(`Thread ${id} not found`);
    return this.threads.get(id);
  }
  async saveThread(thread) { this.threads.set(thread.id, thread); }
  async deleteThread(id) { this.threads.delete(id); this.items.delete(id); }
  async loadThreads(limit, after, order) { return pageOf([...this.threads.values()], after, limit, order); }
  async loadThreadItems(id, after, limit, order) { return pageOf(this.items.get(id) ?? [], after, limit, order); }
  async addThreadItem(id, item) { this.items.set(id, [...(this.items.get(id) ?? []), item]); }
  async saveItem(id, item) {
    const items = this.items.get(id) ?? [];
    const at = items.findIndex((one) => one.id === item.id);
    this.items.set(id, at < 0 ? [...items, item] : items.with(at, item));
  }
  async loadItem(id, itemId) {
    const item = this.items.get(id)?.find((one) => one.id === itemId);
    if (!item) throw new StoreNotFoundError(`Item ${itemId} not found`);
    return item;
  }
  async deleteThreadItem(id, itemId) {
    this.items.set(id, (this.items.get(id) ?? []).filter((one) => one.id !== itemId));
  }
}

class Chat extends ChatKitServer {
  async *respond(thread, message, context) {
    if (!message) return;
    const agentContext = agents.createAgentContext(thread, this.store, context);
    const input = await agents.simpleToAgentInput(message);
    const result = await run(agent, input, { stream: true, context: agentContext });
    yield* agents.streamAgentResponse(agentContext, result);
  }
}

const chat = new Chat(new MemoryStore());

async function answer(request, response) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const result = await chat.process(Buffer.concat(parts), {});
  if (!result.isStreaming) {
    return response.writeHead(200, { "content-type": "application/json" }).end(result.toString());
  }
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  for await (const chunk of result) response.write(chunk);
  return response.end();
}

createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error);
    if (!response.headersSent) response.writeHead(500, { "content-type": "application/json" });
    response.end();
  });
}).listen(Number(PORT), "127.0.0.1", () => console.log(`http://127.0.0.1:${PORT}`));
