package db

import (
	"context"
	"maps"
	"sync"
	"time"
)

type rememberingKey struct{}

// Remembering returns a context under which memories may answer. What they hold can be older than the last write by as long as
// an announcement takes from another process, a moment as a rule and three seconds at most; so it is for those who cannot have
// written anything elsewhere just before.
func Remembering(ctx context.Context) context.Context {
	return context.WithValue(ctx, rememberingKey{}, true)
}

// Remembers says whether memories may answer under ctx, and Hear hears what is changed.
func (d *DB) Remembers(ctx context.Context) bool {
	return ctx.Value(rememberingKey{}) != nil && d.ear.live()
}

// A Memory keeps what was read until PostgreSQL announces that it has changed. It is safe for concurrent use; what it
// holds is shared, and nobody may change it.
type Memory[K comparable, V any] struct {
	db   *DB
	most int

	mu     sync.Mutex
	values map[K]remembered[V]
}

// remembered is a value with the time in which it holds: from the first instant up to the second, by the clock of whoever asks.
type remembered[V any] struct {
	value       V
	from, until time.Time
}

// NewMemory returns a memory of so many values at most, for as long as the DB lives. concerns says whether an announcement
// makes a value doubtful; one about everything always does.
func NewMemory[K comparable, V any](d *DB, most int, concerns func(a Announcement, key K, value V) bool) *Memory[K, V] {
	m := &Memory[K, V]{db: d, most: most, values: make(map[K]remembered[V])}
	d.ear.listen(func(a Announcement) {
		m.mu.Lock()
		defer m.mu.Unlock()
		maps.DeleteFunc(m.values, func(key K, r remembered[V]) bool { return a.About == "" || concerns(a, key, r.value) })
	})
	return m
}

// Recall returns what is remembered under a key and holds now, if the context allows it.
func (m *Memory[K, V]) Recall(ctx context.Context, key K, now time.Time) (value V, ok bool) {
	if !m.db.Remembers(ctx) {
		return value, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.values[key]
	if !ok || now.Before(r.from) || !now.Before(r.until) {
		return value, false
	}
	return r.value, true
}

// Reading is to be called before something is read from the primary; the function it returns remembers what was read, from now until
// an instant, in place of what was remembered; or nothing if something has been announced meanwhile.
func (m *Memory[K, V]) Reading(now time.Time) (remember func(key K, value V, until time.Time)) {
	heard := m.db.ear.heard.Load()
	return func(key K, value V, until time.Time) {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.db.ear.heard.Load() != heard {
			delete(m.values, key)
			return
		}
		if _, there := m.values[key]; !there && len(m.values) >= m.most {
			for any := range m.values { // whichever comes first, which is a different one each time
				delete(m.values, any)
				break
			}
		}
		m.values[key] = remembered[V]{value: value, from: now, until: until}
	}
}
