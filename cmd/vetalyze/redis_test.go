package main

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/redis/go-redis/v9"
)

func TestRedisOutcome(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]string{
		nil:                             "ok",
		redis.Nil:                       "ok",
		redis.TxFailedErr:               "refused",
		context.Canceled:                "cancelled",
		context.DeadlineExceeded:        "unanswered",
		io.EOF:                          "unanswered",
		errors.New("dial tcp: refused"): "unanswered",
	} {
		if got := redisOutcome(err); got != want {
			t.Errorf("%v is %s, want %s", err, got, want)
		}
	}
}
