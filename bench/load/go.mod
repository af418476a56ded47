// The load of the benches of calls: see main.go.
module krusty-kache/bench/load

go 1.26.0

require golang.org/x/net v0.60.0

require golang.org/x/text v0.42.0 // indirect
