/** Items in no order. */
export type Bag<T> = {
  /** @returns takes the item out again, once */
  add(item: T): () => void;
  items(): readonly T[];
};

/**
 * Makes an empty bag. Not a `Set`: a set that is added to and deleted from leaves old tables behind, each with a reference to the next, and
 * once one of them is old by V8's measure, all that was ever in the set lives until the next full collection.
 */
export function createBag<T>(): Bag<T> {
  const places: { item: T; place: number }[] = [];
  return {
    add: (item) => {
      const added = { item, place: places.length };
      places.push(added);
      return () => {
        if (places[added.place] !== added) return;
        const last = places.pop();
        if (last === undefined || last === added) return;
        places[added.place] = last;
        last.place = added.place;
      };
    },
    items: () => places.map(({ item }) => item),
  };
}
