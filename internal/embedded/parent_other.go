//go:build !linux

package embedded

import "os/exec"

// dieWithParent can promise nothing here: a server left behind is stopped by the next start in its directory.
func dieWithParent(*exec.Cmd) {}
