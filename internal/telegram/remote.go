package telegram

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// remote is Redis as something that may be away: its users go on without it. It is asked
// again now and then by one of them, and its going and coming are logged once.
//
// Questions are scripts, for all is told or changed at once. One batch of them is under way at a time: whoever asks meanwhile
// has a place in the next, so that the more there are who ask, the more of them share a round trip.
type remote struct {
	redis  redis.UniversalClient // nil: there is none
	prefix string                // of every key; the braces keep them on one node of a cluster
	logger *slog.Logger

	timeout time.Duration // of one batch

	mu     sync.Mutex
	away   time.Time   // when to ask again; zero while Redis answers
	asking bool        // a batch is under way
	next   []*question // waits for its end
}

// A question is a script to run, once.
type question struct {
	ctx    context.Context // if it ends before the question is sent, it is not
	script *redis.Script
	keys   []string
	args   []any

	answered chan struct{} // closed when answer is there, or will not come
	answer   *redis.Cmd    // nil, or with an error: Redis did not answer
}

const (
	remoteTimeout = time.Second
	remoteRetry   = 3 * time.Second
)

func newRemote(client redis.UniversalClient, botID int64, logger *slog.Logger) *remote {
	return &remote{
		redis:  client,
		prefix: "telegram:{" + strconv.FormatInt(botID, 10) + "}:",
		logger: logger,

		timeout: remoteTimeout,
	}
}

func (r *remote) key(kind string, id int64) string {
	return r.prefix + kind + ":" + strconv.FormatInt(id, 10)
}

// ask runs a script and reads its answer by read; false when Redis does not answer, or ctx ends before it has.
func ask[T any](ctx context.Context, r *remote, read func(*redis.Cmd) (T, error), script *redis.Script, keys []string, args ...any) (T, bool) {
	q := &question{ctx: ctx, script: script, keys: keys, args: args, answered: make(chan struct{})}
	if r.redis == nil || !r.worthAsking() || !r.put(q) || q.answer == nil {
		var none T
		return none, false
	}
	answer, err := read(q.answer)
	return answer, err == nil
}

// put waits for the answer of a question; false when ctx has ended before. Whoever finds no batch under way sends theirs.
func (r *remote) put(q *question) bool {
	r.mu.Lock()
	if r.asking {
		r.next = append(r.next, q)
		r.mu.Unlock()
		select {
		case <-q.answered:
			return true
		case <-q.ctx.Done():
			return false
		}
	}
	r.asking = true
	r.mu.Unlock()
	defer r.passOn()
	r.send([]*question{q})
	return true
}

// passOn has what came to wait meanwhile sent.
func (r *remote) passOn() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asking = len(r.next) > 0; r.asking {
		go r.sendNext()
	}
}

// sendNext sends what waits, and what comes to wait meanwhile; nothing once Redis has not answered.
func (r *remote) sendNext() {
	for {
		r.mu.Lock()
		batch, away := r.next, !r.away.IsZero()
		r.next = nil
		r.asking = len(batch) > 0
		r.mu.Unlock()
		switch {
		case len(batch) == 0:
			return
		case away:
			release(batch)
		default:
			r.send(batch)
		}
	}
}

// release lets those who wait go on, with the answer that is there or without one.
func release(batch []*question) {
	for _, q := range batch {
		close(q.answered)
	}
}

// send sends the questions that somebody still waits for, and answers them.
func (r *remote) send(batch []*question) {
	defer release(batch)
	asked := slices.DeleteFunc(slices.Clone(batch), func(q *question) bool { return q.ctx.Err() != nil })
	if len(asked) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(asked[0].ctx), r.timeout)
	defer cancel()
	r.note(ctx, run(ctx, r.redis, asked))
}

// run runs the scripts in one round trip; those that Redis does not know yet in one more each. It returns what they failed of.
func run(ctx context.Context, client redis.UniversalClient, questions []*question) error {
	if len(questions) == 1 {
		q := questions[0]
		q.answer = q.script.Run(ctx, client, q.keys, q.args...)
		return q.answer.Err()
	}
	pipeline := client.Pipeline()
	for _, q := range questions {
		q.answer = q.script.EvalSha(ctx, pipeline, q.keys, q.args...)
	}
	_, _ = pipeline.Exec(ctx) // each answer has its own error
	var failed error
	for _, q := range questions {
		if redis.HasErrorPrefix(q.answer.Err(), "NOSCRIPT") {
			q.answer = q.script.Eval(ctx, client, q.keys, q.args...)
		}
		failed = cmp.Or(failed, q.answer.Err())
	}
	return failed
}

// worthAsking lets one of those who come after the pause find out, and not all at once.
func (r *remote) worthAsking() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.away.IsZero() {
		return true
	}
	if time.Now().Before(r.away) {
		return false
	}
	r.away = time.Now().Add(remoteRetry)
	return true
}

func (r *remote) note(ctx context.Context, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err == nil && !r.away.IsZero():
		r.away = time.Time{}
		r.logger.InfoContext(ctx, "redis answers again")
	case err != nil && r.away.IsZero():
		r.logger.WarnContext(ctx, "redis does not answer: limits, order and duplicates are kept in this process alone", "error", err)
		fallthrough
	case err != nil:
		r.away = time.Now().Add(remoteRetry)
	}
}
