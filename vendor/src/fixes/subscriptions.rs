//! How subscriptions are kept. A tree was walked by functions that call themselves, once for each byte of the longest
//! subscription (or, in the radix tree, once for each that begins with another), so that a long one overran the stack.
//! All of these walks are loops now.

use super::{Fix, once};

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[
    // The plain tree of XSUB and SUB.
    once(
        "A70",
        "src/trie.hpp",
        "    bool is_redundant () const;\n",
        "    bool is_redundant () const;
    //  The subnode for this byte, made if it is missing.
    trie_t *descend (unsigned char c);
    //  Removes that subnode if nothing needs it.
    void prune (unsigned char c, trie_t *next_node);
",
    ),
    once(
        "A70",
        "src/trie.cpp",
        "#include <algorithm>\n",
        "#include <algorithm>\n#include <utility>\n#include <vector>\n",
    ),
    once(
        "A70",
        "src/trie.cpp",
        "zmq::trie_t::~trie_t ()\n{\n",
        "zmq::trie_t::~trie_t ()
{
    //  What is deleted here has no subnodes left.
    std::vector<trie_t *> doomed;
    trie_t *node = this;
    while (true) {
        if (node->_count == 1)
            doomed.push_back (node->_next.node);
        else if (node->_count > 1) {
            for (unsigned short i = 0; i != node->_count; ++i)
                if (node->_next.table[i])
                    doomed.push_back (node->_next.table[i]);
            free (node->_next.table);
        }
        node->_count = 0;
        if (node != this)
            delete node;
        if (doomed.empty ())
            break;
        node = doomed.back ();
        doomed.pop_back ();
    }
}

#if 0
{
",
    ),
    once(
        "A70",
        "src/trie.cpp",
        "bool zmq::trie_t::add (unsigned char *prefix_, size_t size_)\n{\n",
        "#endif

bool zmq::trie_t::add (unsigned char *prefix_, size_t size_)
{
    trie_t *node = this;
    for (size_t i = 0; i != size_; ++i)
        node = node->descend (prefix_[i]);
    return ++node->_refcnt == 1;
}

#if 0
",
    ),
    once(
        "A70",
        "src/trie.cpp",
        "    const unsigned char c = *prefix_;\n    if (c < _min || c >= _min + _count) {\n",
        "#endif
zmq::trie_t *zmq::trie_t::descend (const unsigned char c)
{
    if (c < _min || c >= _min + _count) {
",
    ),
    once(
        "A70",
        "src/trie.cpp",
        "        return _next.node->add (prefix_ + 1, size_ - 1);\n",
        "        return _next.node;\n",
    ),
    once(
        "A70",
        "src/trie.cpp",
        "    return _next.table[c - _min]->add (prefix_ + 1, size_ - 1);\n",
        "    return _next.table[c - _min];\n",
    ),
    once(
        "A70",
        "src/trie.cpp",
        "bool zmq::trie_t::rm (unsigned char *prefix_, size_t size_)\n{\n",
        "bool zmq::trie_t::rm (unsigned char *prefix_, size_t size_)
{
    //  The nodes on the way, the last one not included.
    std::vector<trie_t *> path;
    trie_t *node = this;
    for (size_t i = 0; i != size_; ++i) {
        const unsigned char c = prefix_[i];
        if (c < node->_min || c >= node->_min + node->_count)
            return false;
        path.push_back (node);
        node = node->_count == 1 ? node->_next.node
                                 : node->_next.table[c - node->_min];
        if (!node)
            return false;
    }
    if (!node->_refcnt || --node->_refcnt)
        return false;
    while (!path.empty () && node->is_redundant ()) {
        trie_t *const parent = path.back ();
        path.pop_back ();
        parent->prune (prefix_[path.size ()], node);
        node = parent;
    }
    return true;
}

#if 0
{
",
    ),
    once(
        "A70",
        "src/trie.cpp",
        "    const bool ret = next_node->rm (prefix_ + 1, size_ - 1);\n",
        "#endif
void zmq::trie_t::prune (const unsigned char c, trie_t *next_node)
{
",
    ),
    once("A70", "src/trie.cpp", "    return ret;\n}\n", "}\n"),
    once(
        "A70",
        "src/trie.cpp",
        "    unsigned char *buff = NULL;\n    apply_helper (&buff, 0, 0, func_, arg_);\n    free (buff);\n}\n",
        "    std::vector<unsigned char> key;
    //  The nodes on the way, and how many subnodes of each are done.
    std::vector<std::pair<const trie_t *, unsigned short> > path;
    path.push_back (std::make_pair (this, 0));
    if (_refcnt)
        func_ (NULL, 0, arg_);
    while (!path.empty ()) {
        const trie_t *const node = path.back ().first;
        const unsigned short i = path.back ().second;
        if (i == node->_count) {
            path.pop_back ();
            if (!key.empty ())
                key.pop_back ();
            continue;
        }
        path.back ().second++;
        const trie_t *const child =
          node->_count == 1 ? node->_next.node : node->_next.table[i];
        if (!child)
            continue;
        key.push_back (static_cast<unsigned char> (node->_min + i));
        path.push_back (std::make_pair (child, 0));
        if (child->_refcnt)
            func_ (&key[0], key.size (), arg_);
    }
}

#if 0
",
    ),
    once(
        "A70",
        "src/trie.cpp",
        "bool zmq::trie_t::is_redundant () const\n",
        "#endif\n\nbool zmq::trie_t::is_redundant () const\n",
    ),
    // The tree of PUB and XPUB walks in loops already, but for its end.
    once("A70", "src/generic_mtrie_impl.hpp", "#include <list>\n", "#include <list>\n#include <vector>\n"),
    once(
        "A70",
        "src/generic_mtrie_impl.hpp",
        "    LIBZMQ_DELETE (_pipes);\n\n    if (_count == 1) {\n",
        "    LIBZMQ_DELETE (_pipes);

    //  What is deleted here has no subnodes left.
    std::vector<generic_mtrie_t *> doomed;
    generic_mtrie_t *node = this;
    while (true) {
        if (node->_count == 1)
            doomed.push_back (node->_next.node);
        else if (node->_count > 1) {
            for (unsigned short i = 0; i != node->_count; ++i)
                if (node->_next.table[i])
                    doomed.push_back (node->_next.table[i]);
            free (node->_next.table);
        }
        node->_count = 0;
        if (node != this)
            delete node;
        if (doomed.empty ())
            break;
        node = doomed.back ();
        doomed.pop_back ();
    }

    if (_count == 1) {
",
    ),
    // The radix tree, which XSUB and SUB have in a library with drafts.
    once(
        "A70",
        "src/radix_tree.cpp",
        "static void free_nodes (node_t node_)\n{\n",
        "static void free_nodes (node_t node_)
{
    std::vector<node_t> doomed (1, node_);
    while (!doomed.empty ()) {
        node_t node = doomed.back ();
        doomed.pop_back ();
        for (size_t i = 0, count = node.edgecount (); i < count; ++i)
            doomed.push_back (node.node_at (i));
        free (node._data);
    }
}

#if 0
{
",
    ),
    once(
        "A70",
        "src/radix_tree.cpp",
        "zmq::radix_tree_t::~radix_tree_t ()\n",
        "#endif\n\nzmq::radix_tree_t::~radix_tree_t ()\n",
    ),
    once(
        "A70",
        "src/radix_tree.cpp",
        "            void *arg_)\n{\n    const size_t prefix_length = node_.prefix_length ();\n",
        "            void *arg_)
{
    //  The nodes on the way, and how many edges of each are done.
    std::vector<std::pair<node_t, size_t> > path;
    path.push_back (std::make_pair (node_, 0));
    while (!path.empty ()) {
        node_t node = path.back ().first;
        const size_t i = path.back ().second++;
        if (i == 0) {
            buffer_.insert (buffer_.end (), node.prefix (),
                            node.prefix () + node.prefix_length ());
            if (node.refcount () > 0)
                func_ (&buffer_[0], buffer_.size (), arg_);
        }
        if (i < node.edgecount ())
            path.push_back (std::make_pair (node.node_at (i), 0));
        else {
            buffer_.resize (buffer_.size () - node.prefix_length ());
            path.pop_back ();
        }
    }
}

#if 0
{
    const size_t prefix_length = node_.prefix_length ();
",
    ),
    once(
        "A70",
        "src/radix_tree.cpp",
        "void zmq::radix_tree_t::apply (\n",
        "#endif\n\nvoid zmq::radix_tree_t::apply (\n",
    ),
];
