module boucle-bench

go 1.19

require boucle.dev/go/boucle v0.0.0
