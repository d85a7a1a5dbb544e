package embedded

import (
	"errors"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

func startRedis(t *testing.T) *RedisServer {
	t.Helper()
	server, err := Redis(t.Context(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop() })
	return server
}

func dial(t *testing.T, address string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	options.MaxRetries = -1
	client := redis.NewClient(options)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func TestRedisKeysExpireInRealTime(t *testing.T) {
	t.Parallel()
	client := dial(t, startRedis(t).URL())
	const life = 100 * time.Millisecond
	set := time.Now()
	if err := client.Set(t.Context(), "short", "", life).Err(); err != nil {
		t.Fatal(err)
	}
	if err := client.Set(t.Context(), "long", "", time.Hour).Err(); err != nil {
		t.Fatal(err)
	}
	for client.Get(t.Context(), "short").Err() == nil {
		if time.Since(set) > 10*time.Second {
			t.Fatal("the key does not expire")
		}
	}
	if lived := time.Since(set); lived < life-2*Granularity {
		t.Errorf("the key lived %v, want %v", lived, life)
	}
	left, err := client.TTL(t.Context(), "long").Result()
	if err != nil || left <= 0 || left > time.Hour {
		t.Errorf("time left = %v, %v; want about an hour", left, err)
	}
}

func TestRedisNeedsThePassword(t *testing.T) {
	t.Parallel()
	address, err := url.Parse(startRedis(t).URL())
	if err != nil {
		t.Fatal(err)
	}
	address.User = nil
	if err := dial(t, address.String()).Ping(t.Context()).Err(); err == nil {
		t.Error("let in without a password")
	}
}

func TestRedisStopAndStart(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	address := server.URL()
	client := dial(t, address)
	if err := client.Set(t.Context(), "key", "value", 0).Err(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // twice does no harm
		if err := server.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	if conn, err := net.Dial("tcp", client.Options().Addr); err == nil {
		_ = conn.Close()
		t.Fatal("a stopped server listens")
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	if server.URL() != address {
		t.Errorf("URL changed from %s to %s", address, server.URL())
	}
	if err := dial(t, address).Get(t.Context(), "key").Err(); !errors.Is(err, redis.Nil) {
		t.Errorf("error = %v, want an empty Redis", err)
	}
}
