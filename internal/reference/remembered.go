package reference

import (
	"context"
	"time"
)

// mostLists is more than there are.
const mostLists = 16

// remembered is a list as of an instant.
type remembered struct {
	list any
	at   time.Time
}

// recalled returns a list as it is remembered, or reads it and remembers it.
func recalled[T any](ctx context.Context, r *Reference, name string, read func(context.Context) (T, error)) (T, error) {
	now := r.clock.Now()
	known, ok := r.lists.Recall(ctx, name)
	if age := now.Sub(known.at); ok && age >= 0 && age < cacheTime {
		return known.list.(T), nil
	}
	remember := r.lists.Reading()
	list, err := read(ctx)
	if err == nil {
		remember(name, remembered{list: list, at: now})
	}
	return list, err
}
