//go:build !linux

package chaos

import "os/exec"

// dieWithParent needs a kernel that can.
func dieWithParent(*exec.Cmd) {}
