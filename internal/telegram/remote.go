package telegram

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// remote is Redis as something that may be away: its users go on without it. It is asked
// again now and then by one of them, and its going and coming are logged once.
type remote struct {
	redis  redis.UniversalClient // nil: there is none
	prefix string                // of every key; the braces keep them on one node of a cluster
	logger *slog.Logger

	timeout time.Duration // of one question

	mu   sync.Mutex
	away time.Time // when to ask again; zero while Redis answers
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

// ask does ask with Redis and tells whether Redis answered. redis.Nil is an answer.
func (r *remote) ask(ctx context.Context, ask func(ctx context.Context, client redis.UniversalClient) error) bool {
	if r.redis == nil || !r.worthAsking() {
		return false
	}
	limited, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	err := ask(limited, r.redis)
	if errors.Is(err, redis.Nil) {
		err = nil
	}
	if err != nil && ctx.Err() != nil {
		return false // says nothing about Redis
	}
	r.note(ctx, err)
	return err == nil
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
