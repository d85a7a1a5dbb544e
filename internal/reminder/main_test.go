package reminder_test

import (
	"os"
	"testing"

	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/staff"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

var nadia = staff.Speaker{TelegramID: 1, Admin: true}
