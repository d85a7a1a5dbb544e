package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
)

// openRedis returns a client of the Redis at an address, whose calls are counted. Nothing is sent yet.
func openRedis(address string, registry prometheus.Registerer, logger *slog.Logger) (*redis.Client, error) {
	options, err := redis.ParseURL(address)
	if err != nil {
		return nil, errors.New("REDIS_URL: not an address of a Redis")
	}
	// A Redis that is down must cost little: everything works without it.
	options.ContextTimeoutEnabled = true
	options.DialTimeout, options.MaxRetries = time.Second, 1
	redis.SetLogger(redisLogger{logger})
	client := redis.NewClient(options)
	client.AddHook(newRedisMetrics(registry))
	return client, nil
}

// redisLogger takes what the Redis client has to say about its connections; who
// needed Redis logs what came of it.
type redisLogger struct{ logger *slog.Logger }

func (l redisLogger) Printf(ctx context.Context, format string, arguments ...any) {
	l.logger.DebugContext(ctx, "redis client", "says", fmt.Sprintf(format, arguments...))
}

// redisMetrics count the calls of a client: a redis.Hook.
type redisMetrics struct{ calls *prometheus.HistogramVec }

func newRedisMetrics(registry prometheus.Registerer) redisMetrics {
	m := redisMetrics{calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "redis_call_seconds",
		Help:    "Calls of Redis, by command (several at once are a pipeline) and outcome.",
		Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .1, .25, 1, 2.5},
	}, []string{"command", "outcome"})}
	registry.MustRegister(m.calls)
	return m
}

// DialHook leaves connecting alone: a call that needs it takes so long.
func (m redisMetrics) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		return next(ctx, network, address)
	}
}

// ProcessHook counts a command.
func (m redisMetrics) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, command redis.Cmder) error {
		started := time.Now()
		err := next(ctx, command)
		m.observe(command.Name(), err, started)
		return err
	}
}

// ProcessPipelineHook counts several commands sent as one.
func (m redisMetrics) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, commands []redis.Cmder) error {
		started := time.Now()
		err := next(ctx, commands)
		m.observe("pipeline", err, started)
		return err
	}
}

func (m redisMetrics) observe(command string, err error, started time.Time) {
	m.calls.WithLabelValues(command, redisOutcome(err)).Observe(time.Since(started).Seconds())
}

// redisOutcome: that there is no such key is an answer, and so is a refusal (of a script Redis does not know yet, say).
func redisOutcome(err error) string {
	if err == nil || errors.Is(err, redis.Nil) {
		return "ok"
	}
	var refused redis.Error
	switch {
	case errors.As(err, &refused):
		return "refused"
	case errors.Is(err, context.Canceled):
		return "cancelled"
	}
	return "unanswered"
}
