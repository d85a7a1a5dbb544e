package embedded

import (
	"os/exec"
	"strconv"
)

// shutdown is a way to end a server, after the signals pg_ctl sends for them.
type shutdown string

const (
	fast      shutdown = "INT"
	immediate shutdown = "QUIT"
	kill      shutdown = "KILL"
)

func signal(pid int, how shutdown, from binaries) error {
	return exec.Command(from.path("pg_ctl"), "kill", string(how), strconv.Itoa(pid)).Run()
}
