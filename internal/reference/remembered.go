package reference

import "context"

// mostLists is more than there are.
const mostLists = 16

// recalled returns a list as it is remembered, or reads it and remembers it.
func recalled[T any](ctx context.Context, r *Reference, name string, read func(context.Context) (T, error)) (T, error) {
	now := r.clock.Now()
	if known, ok := r.lists.Recall(ctx, name, now); ok {
		return known.(T), nil
	}
	remember := r.lists.Reading(now)
	list, err := read(ctx)
	if err == nil {
		remember(name, list, now.Add(cacheTime))
	}
	return list, err
}
