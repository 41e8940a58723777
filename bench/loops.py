"""Runs loops such as judged programs have. Prints a line for each: its name and the processor seconds that it took."""
import json
import random
import re
import sys
import time


def nbody(steps=15000):
    bodies = [
        [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], 39.478],
        [[4.841, -1.160, -0.104], [0.606, 2.811, -0.025], 0.0377],
        [[8.343, 4.125, -0.404], [-1.011, 1.826, 0.008], 0.0113],
        [[12.894, -15.111, -0.223], [1.083, 0.869, -0.011], 0.0017],
        [[15.380, -25.919, 0.179], [0.979, 0.595, -0.035], 0.0020],
    ]
    pairs = [(one, other) for index, one in enumerate(bodies) for other in bodies[index + 1:]]
    for _ in range(steps):
        for (p, v, m), (q, w, n) in pairs:
            dx, dy, dz = p[0] - q[0], p[1] - q[1], p[2] - q[2]
            size = 0.001 * (dx * dx + dy * dy + dz * dz) ** -1.5
            a, b = n * size, m * size
            v[0] -= dx * a
            v[1] -= dy * a
            v[2] -= dz * a
            w[0] += dx * b
            w[1] += dy * b
            w[2] += dz * b
        for p, v, _mass in bodies:
            p[0] += 0.001 * v[0]
            p[1] += 0.001 * v[1]
            p[2] += 0.001 * v[2]


def fannkuch(size=8):
    most, permutation, count, left = 0, list(range(size)), [0] * size, size
    while True:
        while left != 1:
            count[left - 1] = left
            left -= 1
        flipped, flips = permutation[:], 0
        while flipped[0]:
            first = flipped[0]
            flipped[:first + 1] = flipped[first::-1]
            flips += 1
        most = max(most, flips)
        while True:
            if left == size:
                return most
            permutation.insert(left, permutation.pop(0))
            count[left] -= 1
            if count[left] > 0:
                break
            left += 1


def sieve(most=1500000):
    prime = bytearray([1]) * most
    for number in range(2, int(most ** 0.5) + 1):
        if prime[number]:
            prime[number * number::number] = bytes(len(range(number * number, most, number)))
    return sum(number for number, is_prime in enumerate(prime) if is_prime)


def json_round_trip(times=40):
    data = {"users": [{"id": number, "name": "user %d" % number, "tags": ["a", "b"], "score": number / 7} for number in range(500)]}
    for _ in range(times):
        data = json.loads(json.dumps(data))


def regex(times=30):
    text = " ".join("%s@example.org call 555-%04d" % (chr(97 + number % 26) * 5, number) for number in range(1500))
    for _ in range(times):
        re.findall(r"(\w+)@(\w+)\.org", text)
        re.sub(r"\b(\d{3})-(\d{4})\b", r"\2-\1", text)


def words(times=12):
    source = random.Random(7)
    text = " ".join("".join(source.choices("abcde", k=3)) for _ in range(20000))
    for _ in range(times):
        count = {}
        for word in text.split():
            count[word] = count.get(word, 0) + 1
        sorted(count.items(), key=lambda item: (-item[1], item[0]))
        "".join(word.upper()[::-1] for word in text.split())


class Node:
    def __init__(self, key):
        self.key, self.left, self.right = key, None, None

    def insert(self, key):
        if key < self.key:
            if self.left is None:
                self.left = Node(key)
            else:
                self.left.insert(key)
        elif self.right is None:
            self.right = Node(key)
        else:
            self.right.insert(key)

    def __iter__(self):
        if self.left is not None:
            yield from self.left
        yield self.key
        if self.right is not None:
            yield from self.right


def tree(size=25000):
    keys = list(range(size))
    random.Random(7).shuffle(keys)
    root = Node(keys[0])
    for key in keys[1:]:
        root.insert(key)
    return sum(root)


def big_numbers(digits=20000):
    one, other = 0, 1
    for _ in range(digits * 4):
        one, other = other, one + other
    return len(hex(one * other % 10 ** digits))


def heap_search(size=150):
    import heapq
    source = random.Random(7)
    cost = [[source.randint(1, 9) for _ in range(size)] for _ in range(size)]
    best, heap = {(0, 0): 0}, [(0, 0, 0)]
    while heap:
        so_far, x, y = heapq.heappop(heap)
        if so_far > best[x, y]:
            continue
        for nx, ny in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
            if 0 <= nx < size and 0 <= ny < size:
                there = so_far + cost[nx][ny]
                if there < best.get((nx, ny), 1 << 60):
                    best[nx, ny] = there
                    heapq.heappush(heap, (there, nx, ny))
    return best[size - 1, size - 1]


for loop in (nbody, fannkuch, sieve, json_round_trip, regex, words, tree, big_numbers, heap_search):
    start = time.process_time()
    loop()
    print(loop.__name__, time.process_time() - start)
    sys.stdout.flush()
