package main

import (
	"strings"
	"testing"
	"time"
)

// TestWrongSettings holds every refusal to naming the setting.
func TestWrongSettings(t *testing.T) {
	for _, test := range []struct {
		name, variable, value, want string
	}{
		{"database address", "DATABASE_URL", "mysql://db", "DATABASE_URL: must begin with postgres://"},
		{"database password kept quiet", "DATABASE_URL", "postgres://u:s%zzcret@db", "DATABASE_URL: not an address"},
		{"replica address", "DATABASE_REPLICA_URL", "mysql://db", "DATABASE_REPLICA_URL: must begin with postgres://"},
		{"redis address", "REDIS_URL", "http://cache", "REDIS_URL: must begin with redis://"},
		{"public address", "PUBLIC_URL", "ftp://bot", "PUBLIC_URL: must begin with https://"},
		{"API address", "TELEGRAM_API_URL", "api", "TELEGRAM_API_URL: must begin with https://"},
		{"token", "TELEGRAM_TOKEN", "x", "TELEGRAM_TOKEN: a token looks like"},
		{"message limit", "MESSAGES_PER_SECOND", "0", "MESSAGES_PER_SECOND, CHAT_MESSAGES_PER_SECOND: must be more than 0"},
		{"listener", "LISTEN", "8080", `LISTEN: "8080" is not host:port`},
		{"listener's socket", "LISTEN", "unix:bot.sock", `LISTEN: "unix:bot.sock" is not a whole path`},
		{"admins", "ADMIN_IDS", "12,x", "admin-ids"},
		{"time zone", "TIMEZONE", "Egypt/Nowhere", `TIMEZONE: "Egypt/Nowhere" is not a time zone`},
		{"slow queries", "SLOW_QUERY", "-1s", "SLOW_QUERY: -1s is less than nothing"},
		{"slow queries' unit", "SLOW_QUERY", "100", "slow-query"},
		{"profiles' port alone", "PPROF_LISTEN", "6060", `PPROF_LISTEN: "6060" is not host:port`},
		{"profiles for everybody", "PPROF_LISTEN", ":6060", `PPROF_LISTEN: ":6060" is not an address of this machine alone`},
		{"profiles on all addresses", "PPROF_LISTEN", "0.0.0.0:6060", "not an address of this machine alone"},
		{"profiles on the network", "PPROF_LISTEN", "192.168.1.5:6060", "not an address of this machine alone"},
		{"profiles under a name", "PPROF_LISTEN", "bot.example.org:6060", "not an address of this machine alone"},
		{"days of reminders", "REMINDER_DAYS", "7,soon", `REMINDER_DAYS: "soon" is not a number of days`},
		{"quiet hours", "QUIET_HOURS", "21-25", `QUIET_HOURS: "21-25" is not two different hours`},
		{"a digest at night", "DIGEST_HOUR", "22", "DIGEST_HOUR: 22 is not an hour outside the quiet ones"},
		{"lease", "REMINDER_LEASE", "10ms", "REMINDER_LEASE: 10ms is less than 1s"},
		{"clock", "VETALYZE_NOW", "tomorrow", `VETALYZE_NOW: "tomorrow" is not a time in RFC 3339`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("TELEGRAM_TOKEN", "1:x")
			t.Setenv(test.variable, test.value)
			_, err := parse(t, "serve")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "s%zzcret") {
				t.Errorf("the error gives the password away: %v", err)
			}
		})
	}
}

func TestSettings(t *testing.T) {
	t.Setenv("TELEGRAM_TOKEN", "1:x")
	t.Setenv("ADMIN_IDS", "7,8")
	t.Setenv("VETALYZE_NOW", "2026-03-01T10:00:00+02:00")
	t.Setenv("PPROF_LISTEN", "[::1]:6060")
	t.Setenv("SLOW_QUERY", "0")
	cli, err := parse(t, "serve", "--listen=127.0.0.1:9")
	if err != nil {
		t.Fatal(err)
	}
	if got := cli.Serve; got.Token != "1:x" || len(got.AdminIDs) != 2 || got.Listen != "127.0.0.1:9" || got.TimeZone != "Africa/Cairo" {
		t.Errorf("read %+v", got)
	}
	if got := cli.Serve.inspection; got.PprofListen != "[::1]:6060" || got.SlowQuery != 0 {
		t.Errorf("read %+v", got)
	}
	if got := cli.Serve.limits.limits(); got.PerSecond != 30 || got.ChatEvery != time.Second {
		t.Errorf("the bot speaks within %+v, want Telegram's limits", got)
	}
	if got := cli.Serve.clock().Now().Format("2006-01-02T15:04"); got != "2026-03-01T08:00" {
		t.Errorf("the clock starts at %s, want the time that was set, in UTC", got)
	}
}

func parse(t *testing.T, args ...string) (*commands, error) {
	t.Helper()
	var cli commands
	parser, err := newParser(t.Context(), &cli)
	if err != nil {
		t.Fatal(err)
	}
	parser.Exit = func(int) { t.Fatal("the parser left") }
	_, err = parser.Parse(args)
	return &cli, err
}
