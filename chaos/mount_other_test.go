//go:build !linux

package chaos

import "errors"

func mountMemory(string, string) error { return errors.New("only Linux can") }

func unmount(string) error { return nil }

func isFull(error) bool { return false }
