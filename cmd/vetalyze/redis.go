package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
)

// openRedis returns a client of the Redis at an address, whose calls are counted. Nothing is sent yet.
func openRedis(address string, registry prometheus.Registerer, logger *slog.Logger) (redis.UniversalClient, error) {
	redis.SetLogger(redisLogger{logger})
	client, err := newRedis(address)
	if err != nil {
		return nil, err
	}
	client.AddHook(newRedisMetrics(registry))
	return client, nil
}

// plainProtocol is RESP2: with RESP3 the client looks for push messages, which nobody here wants, around every answer.
const plainProtocol = 2

// newRedis returns a client of the Redis at an address; of a Redis Cluster, when the address names more of its nodes:
// redis://node1:6379?addr=node2:6379.
func newRedis(address string) (redis.UniversalClient, error) {
	refused := errors.New("REDIS_URL: not an address of a Redis")
	// A Redis that is down must cost little: everything works without it.
	const dial, retries = time.Second, 1
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, refused // the address may hold a password: it is not repeated
	}
	if parsed.Query().Has("addr") {
		options, err := redis.ParseClusterURL(address)
		if err != nil {
			return nil, refused
		}
		options.ContextTimeoutEnabled = true
		options.DialTimeout, options.MaxRetries, options.Protocol = dial, retries, plainProtocol
		return redis.NewClusterClient(options), nil
	}
	options, err := redis.ParseURL(address)
	if err != nil {
		return nil, refused
	}
	options.ContextTimeoutEnabled = true
	options.DialTimeout, options.MaxRetries, options.Protocol = dial, retries, plainProtocol
	return redis.NewClient(options), nil
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
