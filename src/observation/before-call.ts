type Callable = (...args: unknown[]) => unknown;
export type Told = (args: readonly unknown[], self: unknown) => void;

/** Replaces a function by one that tells first; whatever else hangs on it stays. What is no function is left alone. */
export function beforeCall(target: object, name: string, tell: Told): void {
  const original: unknown = Reflect.get(target, name);
  if (typeof original !== "function") return;
  const called = function (this: unknown, ...args: unknown[]): unknown {
    tell(args, this);
    return Reflect.apply(original as Callable, this, args);
  };
  Object.defineProperties(called, Object.getOwnPropertyDescriptors(original));
  Reflect.set(target, name, called);
}

/** The same for a class: told before each `new`, of it and of classes that extend it. */
export function beforeNew(target: object, name: string, tell: (args: readonly unknown[]) => void): void {
  const original: unknown = Reflect.get(target, name);
  if (typeof original !== "function") return;
  const construct = (made: object, args: unknown[], newTarget: unknown): object => {
    tell(args);
    return Reflect.construct(made as Callable, args, newTarget as Callable) as object;
  };
  Reflect.set(target, name, new Proxy(original, { construct }));
}
