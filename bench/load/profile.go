package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime/pprof"
	"time"
)

// profile has the bot profiled while the mix goes on, and the simulator with the people.
func (b *bot) profile(ctx context.Context, s settings, drive func(context.Context, time.Duration) error, name string) error {
	const seconds = 15
	fmt.Fprintf(s.log, "%s: profiling for %d s\n", name, seconds)
	driven := make(chan error, 1)
	go func() { driven <- drive(ctx, (seconds+2)*time.Second) }()
	own, err := os.Create(filepath.Join(s.profile, name+".simulator.cpu"))
	if err != nil {
		return err
	}
	defer own.Close()
	if err := pprof.StartCPUProfile(own); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	if err := b.save(ctx, fmt.Sprintf("profile?seconds=%d", seconds), filepath.Join(s.profile, name+".cpu")); err != nil {
		return err
	}
	for _, kind := range []string{"heap", "allocs"} {
		if err := b.save(ctx, kind, filepath.Join(s.profile, name+"."+kind)); err != nil {
			return err
		}
	}
	return <-driven
}

func (b *bot) save(ctx context.Context, query, file string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+b.pprof+"/debug/pprof/"+query, http.NoBody)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	to, err := os.Create(file)
	if err != nil {
		return err
	}
	if _, err := io.Copy(to, answer.Body); err != nil {
		return err
	}
	return to.Close()
}
