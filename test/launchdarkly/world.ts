import { type Expand, type GeneratedGroups, generateGroups } from './generated-groups.ts';

/** How large the world is, and what its groups hold. */
export interface WorldOptions {
  /** How many generated groups each project has, by project key. */
  readonly projects: Readonly<Record<string, number>>;
  /** @default 1 */
  readonly seed?: number;
  /** Metrics of each generated group. @default 5 */
  readonly metrics?: number;
  /** Experiments of each generated group. @default 3 */
  readonly experiments?: number;
}

/** The orders a listing can be asked for; `-` in front turns them round. */
export type Sort = 'name' | 'createdAt' | 'connectionCount' | '-name' | '-createdAt' | '-connectionCount';

/** A group's fields, or the text to answer with as it stands, whatever `expand` says. */
export type GroupBody = Readonly<Record<string, unknown>> | string;

/** Everything that a LaunchDarkly account holds, open to change between two snapshots. */
export interface World {
  hasProject(projectKey: string): boolean;
  /** All keys of a project in order of creation. */
  keys(projectKey: string): string[];
  /** The JSON text of one group, undefined where there is none. */
  body(projectKey: string, key: string, expand: Expand): string | undefined;
  /** The fields of one group with everything expanded; throws where there is none. */
  get(projectKey: string, key: string): Record<string, unknown>;
  /** One page of a listing, each item the JSON text of a group without its experiments. */
  page(projectKey: string, offset: number, limit: number, sort: Sort): { items: string[]; totalCount: number };
  /** Adds a group or replaces it in its place; an unknown project is created. */
  set(projectKey: string, key: string, body: GroupBody): void;
  /** Replaces some fields of a group; a field set to undefined is dropped. */
  change(projectKey: string, key: string, fields: Readonly<Record<string, unknown>>): void;
  delete(projectKey: string, key: string): void;
  /** The place of a generated group in its project, -1 for one that was set or is unknown; costs no memory to remember. */
  indexOf(projectKey: string, key: string): number;
}

interface Project {
  readonly generated: GeneratedGroups;
  readonly replaced: Map<string, GroupBody>;
  readonly added: Map<string, GroupBody>;
  /** Indices of deleted generated groups, ascending. */
  deleted: number[];
}

const everything: Expand = { experiments: true, experimentCount: true };
const nothing: Expand = { experiments: false, experimentCount: false };

/** Creates a world that is the same for the same options, its groups made when they are asked for. */
export function createWorld(options: WorldOptions): World {
  const { seed = 1, metrics = 5, experiments = 3 } = options;
  const projects = new Map<string, Project>();
  const createProject = (projectKey: string, count: number): Project => {
    const generated = generateGroups(projectKey, count, seed, metrics, experiments);
    const project = { generated, replaced: new Map(), added: new Map(), deleted: [] };
    projects.set(projectKey, project);
    return project;
  };
  for (const [projectKey, count] of Object.entries(options.projects)) createProject(projectKey, count);

  const liveIndex = (project: Project, key: string): number => {
    const index = project.generated.indexOf(key);
    return index >= 0 && project.deleted.includes(index) ? -1 : index;
  };
  const overrideOf = (project: Project, key: string): GroupBody | undefined => project.replaced.get(key) ?? project.added.get(key);

  const world: World = {
    hasProject: (projectKey) => projects.has(projectKey),
    keys(projectKey) {
      const project = projects.get(projectKey);
      return project === undefined ? [] : keysBetween(project, 0, Number.POSITIVE_INFINITY);
    },
    body(projectKey, key, expand) {
      const project = projects.get(projectKey);
      if (project === undefined) return undefined;
      const override = overrideOf(project, key);
      if (override !== undefined) return typeof override === 'string' ? override : JSON.stringify(expandBody(override, expand));
      const index = liveIndex(project, key);
      return index < 0 ? undefined : project.generated.bodyAt(index, expand);
    },
    get(projectKey, key) {
      const text = world.body(projectKey, key, everything);
      if (text === undefined) throw new Error(`The simulated project ${projectKey} has no metric group ${key}`);
      return JSON.parse(text) as Record<string, unknown>;
    },
    page(projectKey, offset, limit, sort) {
      const project = projects.get(projectKey);
      if (project === undefined) return { items: [], totalCount: 0 };
      const totalCount = countOf(project);
      const item = (key: string) => listItem(world.body(projectKey, key, nothing) ?? '', key);
      if (sort.endsWith('name')) {
        const named = keysBetween(project, 0, totalCount).map((key) => ({ key, name: nameOf(item(key)) }));
        named.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
        if (sort.startsWith('-')) named.reverse();
        return { items: named.slice(offset, offset + limit).map(({ key }) => item(key)), totalCount };
      }
      if (!sort.startsWith('-')) return { items: keysBetween(project, offset, offset + limit).map(item), totalCount };
      const end = Math.max(0, totalCount - offset);
      const keys = keysBetween(project, Math.max(0, end - limit), end);
      return { items: keys.reverse().map(item), totalCount };
    },
    set(projectKey, key, body) {
      const project = projects.get(projectKey) ?? createProject(projectKey, 0);
      if (liveIndex(project, key) >= 0) project.replaced.set(key, body);
      else project.added.set(key, body);
    },
    change(projectKey, key, fields) {
      world.set(projectKey, key, { ...world.get(projectKey, key), ...fields });
    },
    delete(projectKey, key) {
      const project = projects.get(projectKey);
      if (project === undefined || project.added.delete(key)) return;
      const index = liveIndex(project, key);
      project.replaced.delete(key);
      if (index >= 0) project.deleted = [...project.deleted, index].sort((a, b) => a - b);
    },
    indexOf: (projectKey, key) => projects.get(projectKey)?.generated.indexOf(key) ?? -1,
  };
  return world;
}

function countOf(project: Project): number {
  return project.generated.count - project.deleted.length + project.added.size;
}

function keysBetween(project: Project, start: number, end: number): string[] {
  const { generated, deleted, added } = project;
  const generatedLeft = generated.count - deleted.length;
  const keys: string[] = [];
  let index = start;
  let passed = 0;
  for (let place = start; place < Math.min(end, generatedLeft); place++, index++) {
    while (deleted[passed] !== undefined && (deleted[passed] ?? 0) <= index) {
      index++;
      passed++;
    }
    keys.push(generated.keyAt(index));
  }
  return keys.concat([...added.keys()].slice(Math.max(0, start - generatedLeft), Math.max(0, end - generatedLeft)));
}

/** LaunchDarkly leaves out an expanded field that is empty, and one that nobody asked for. */
function expandBody(body: Readonly<Record<string, unknown>>, expand: Expand): Record<string, unknown> {
  const { experiments, experimentCount, ...rest } = body;
  const empty = experiments === undefined || (Array.isArray(experiments) && experiments.length === 0);
  const counted = experimentCount ?? (Array.isArray(experiments) ? experiments.length : 0);
  return {
    ...rest,
    ...(expand.experiments && !empty ? { experiments } : {}),
    ...(expand.experimentCount ? { experimentCount: counted } : {}),
  };
}

/** A raw text that is no JSON cannot stand in a list, so the list shows as much as it would know of the group. */
function listItem(text: string, key: string): string {
  if (text.startsWith('{"_id":')) return text;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && 'key' in value) return text;
  } catch {}
  return JSON.stringify({ _id: `id-of-${key}`, key, name: key });
}

function nameOf(item: string): string {
  return String((JSON.parse(item) as { name?: unknown }).name);
}
