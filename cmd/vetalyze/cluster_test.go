package main

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// TestRedisCluster has the bot work on a Redis Cluster of three nodes: no script and no transaction of
// ours needs keys of two of them.
func TestRedisCluster(t *testing.T) {
	t.Parallel()
	nodes := newCluster(t, 3)
	p := newProgram(t, false)
	p.env = append(p.env, "REDIS_URL=redis://"+nodes[0].address+"?addr="+nodes[1].address+"&addr="+nodes[2].address)
	p.start()
	sara := p.receptionist()
	sara.Send("/register Ahmed Ali, 0100 123 4567; Rex dog 2y")
	p.settle()
	p.tap(sara, "✅ Save")
	p.settle()
	last, _ := sara.Last()
	if !strings.Contains(last.Text, "Registered") {
		t.Errorf("the bot says:\n%s", last.Text)
	}

	found := make(map[string]int) // nodes with such keys
	for _, node := range nodes {
		keys, err := node.client.Keys(t.Context(), "*").Result()
		p.must(err)
		kinds := make(map[string]bool)
		for _, key := range keys {
			kinds[strings.SplitAfter(key, ":")[0]] = true
		}
		for kind := range kinds {
			found[kind]++
		}
	}
	// Order, duplicates and limits of one bot share a slot, by the braces in their names; copies of lists do not.
	if found["telegram:"] != 1 || found["vetalyze:"] < 2 {
		t.Errorf("nodes with keys of each kind: %v", found)
	}
}

// A node is one of a cluster's.
type node struct {
	address string
	bus     string // the port on which nodes talk to each other
	client  *redis.Client
}

// newCluster starts a cluster without replicas and waits until it serves all slots.
func newCluster(t *testing.T, size int) []node {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("no redis-server in PATH")
	}
	var nodes []node
	for range size {
		nodes = append(nodes, newNode(t, binary))
	}
	const slots = 16384
	for i, one := range nodes {
		first, last := slots*i/size, slots*(i+1)/size-1
		do(t, one.client, "ADDSLOTSRANGE", first, last)
		host, port, _ := strings.Cut(nodes[0].address, ":")
		do(t, one.client, "MEET", host, port, nodes[0].bus)
	}
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	deadline := time.Now().Add(patience)
	for _, one := range nodes {
		want := fmt.Sprintf("cluster_known_nodes:%d\r\n", size)
		for info := ""; !strings.Contains(info, "cluster_state:ok") || !strings.Contains(info, want); <-look.C {
			if info = one.client.ClusterInfo(t.Context()).Val(); time.Now().After(deadline) {
				t.Fatalf("the cluster does not come together:\n%s", info)
			}
		}
	}
	return nodes
}

func newNode(t *testing.T, binary string) node {
	t.Helper()
	address := freeAddress(t)
	_, text, _ := strings.Cut(address, ":")
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	_, bus, _ := strings.Cut(freeAddress(t), ":")
	server := exec.Command(binary, "--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--save", "", "--dir", t.TempDir(),
		"--cluster-enabled", "yes", "--cluster-port", bus, "--cluster-node-timeout", "5000")
	said, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	lines := bufio.NewScanner(said)
	for lines.Scan() && !strings.Contains(lines.Text(), "eady to accept connections") {
	}
	go func() { _, _ = io.Copy(io.Discard, said) }() // ends with the server
	client := redis.NewClient(&redis.Options{Addr: address})
	t.Cleanup(func() { _ = client.Close() })
	return node{address: address, bus: bus, client: client}
}

func do(t *testing.T, client *redis.Client, command ...any) {
	t.Helper()
	if err := client.Do(t.Context(), append([]any{"CLUSTER"}, command...)...).Err(); err != nil {
		t.Fatalf("%v: %v", command, err)
	}
}
