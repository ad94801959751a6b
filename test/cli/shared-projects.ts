import { afterAll } from "vitest";
import { TestProject } from "../rig/project.ts";

/** Makes projects that several tests of a file use, gone after the last of them. */
export function sharedProjects(): (files: Readonly<Record<string, string>>) => TestProject {
  const projects: TestProject[] = [];
  afterAll(() => projects.forEach((project) => project[Symbol.dispose]()));
  return (files) => {
    const made = new TestProject(files);
    projects.push(made);
    return made;
  };
}

/** Without durations and ages, which differ from run to run, and with single spaces. */
export function steady(text: string): string {
  return text.replace(/\d+(?:\.\d+)? (?:ms|s|min|h|d)\b(?: ago)?/g, "TIME").replace(/ +/g, " ");
}
