#pragma once
// The variant whose threads do the input and output. The program links its archive (see Package.swift), which needs
// nothing but the C library, so that no command pays for it at start.
#define THREADED 1
#include <zookeeper/zookeeper.h>
