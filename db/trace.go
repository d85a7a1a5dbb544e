package db

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A Query is one round trip to PostgreSQL: a statement, or a batch of them. Not reported are those that are not ours:
// preparing a statement on the connection that first runs it, and asking a connection that was idle whether it lives.
type Query struct {
	Names []string // of the statements, as queries/*.sql names them; the scope's own setting is left out
	Took  time.Duration
	Err   error

	Replica bool // it went to the replica
}

// A Statement is SQL as it was sent, with what it was given. That may be a name or a phone: it is for tests and
// benchmarks that run the statement again by other means, never for logs.
type Statement struct {
	SQL  string
	Args []any
}

// Trips are the round trips made under a context.
type Trips struct {
	mu   sync.Mutex // guards what follows
	done []Query
	sent []Statement
}

// Watch returns a context that records the round trips made under it. Tests count them.
func Watch(ctx context.Context) (context.Context, *Trips) {
	trips := &Trips{}
	return context.WithValue(ctx, watching{}, trips), trips
}

// Count returns how many round trips have ended.
func (t *Trips) Count() int { return len(t.Queries()) }

// Queries returns the round trips that have ended, in that order.
func (t *Trips) Queries() []Query {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]Query(nil), t.done...)
}

// Statements returns the statements sent, in order; the scope's own setting is left out.
func (t *Trips) Statements() []Statement {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]Statement(nil), t.sent...)
}

// Names returns the names of all statements run, in order.
func (t *Trips) Names() []string {
	var names []string
	for _, query := range t.Queries() {
		names = append(names, query.Names...)
	}
	return names
}

// tracer reports the round trips of a pool to those who watch the context, and to the observers of the whole DB. It runs
// with every statement, so it allocates once.
type tracer struct {
	observers []func(context.Context, Query)
	asking    *atomic.Int64 // how many have asked the pool for a connection and have none yet
	replica   bool          // of connections to the replica
}

type (
	watching struct{} // context key of *Trips
	ongoing  struct{} // context key of *started
)

// started is a round trip under way: the context it is made under, in which it finds itself.
type started struct {
	context.Context
	at    time.Time
	names []string
	few   [2]string // what names is made of, as a rule
}

func (s *started) Value(key any) any {
	if key == (ongoing{}) {
		return s
	}
	return s.Context.Value(key)
}

func (t tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	watch(ctx, data.SQL, data.Args)
	trip := t.start(ctx)
	trip.names = append(trip.names, statementName(data.SQL))
	return trip
}

func (t tracer) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	t.end(ctx, data.Err)
}

func (t tracer) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	trip := t.start(ctx)
	for _, query := range data.Batch.QueuedQueries {
		if query.SQL != setClinic && query.SQL != setPerson {
			trip.names = append(trip.names, statementName(query.SQL))
			watch(ctx, query.SQL, query.Arguments)
		}
	}
	return trip
}

func (t tracer) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

func (t tracer) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchEndData) {
	t.end(ctx, data.Err)
}

// TraceAcquireStart and TraceAcquireEnd stand around the wait for a connection.
func (t tracer) TraceAcquireStart(ctx context.Context, _ *pgxpool.Pool, _ pgxpool.TraceAcquireStartData) context.Context {
	t.asking.Add(1)
	return ctx
}

// TraceAcquireEnd ends the wait.
func (t tracer) TraceAcquireEnd(context.Context, *pgxpool.Pool, pgxpool.TraceAcquireEndData) {
	t.asking.Add(-1)
}

func (t tracer) start(ctx context.Context) *started {
	trip := &started{Context: ctx, at: time.Now()}
	trip.names = trip.few[:0]
	return trip
}

func (t tracer) end(ctx context.Context, err error) {
	begun, ok := ctx.Value(ongoing{}).(*started)
	if !ok {
		return
	}
	query := Query{Names: begun.names, Took: time.Since(begun.at), Err: err, Replica: t.replica}
	if trips, ok := ctx.Value(watching{}).(*Trips); ok {
		trips.mu.Lock()
		trips.done = append(trips.done, query)
		trips.mu.Unlock()
	}
	for _, observe := range t.observers {
		observe(ctx, query)
	}
}

// watch tells who watches the context what is being sent.
func watch(ctx context.Context, sql string, args []any) {
	trips, ok := ctx.Value(watching{}).(*Trips)
	if !ok {
		return
	}
	trips.mu.Lock()
	defer trips.mu.Unlock()
	trips.sent = append(trips.sent, Statement{SQL: sql, Args: args})
}

// statementName returns the name sqlc writes above each statement ("-- name: OwnerInsert :one"), or the first word of
// one written by hand, in lower case.
func statementName(sql string) string {
	if rest, ok := strings.CutPrefix(sql, "-- name: "); ok {
		name, _, _ := strings.Cut(rest, " ")
		return name
	}
	word, _, _ := strings.Cut(strings.TrimSpace(sql), " ")
	return strings.ToLower(word)
}
