package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * XML as the tree that Python's xmltodict makes of it: an element becomes its text, or an object of
 * its children, its attributes as {@code @name} and text beside them as {@code #text}; repeated
 * elements become a list; an empty one is null. Reads with the JDK's StAX; a DOCTYPE is refused, so
 * there are neither entities nor anything outside.
 */
final class XmlBody {
  private XmlBody() {}

  /**
   * @param encoding that the answer told; {@code null} lets the document say it
   */
  static ObjectNode tree(byte[] xml, String encoding) throws PageScan.Damaged {
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    Deque<Element> open = new ArrayDeque<>();
    String root = null;
    long parts = 0;
    try {
      XMLStreamReader in = factory().createXMLStreamReader(new ByteArrayInputStream(xml), encoding);
      while (in.hasNext()) {
        switch (in.next()) {
          case XMLStreamConstants.START_ELEMENT -> {
            if (open.size() >= Tree.DEEPEST) {
              throw new PageScan.Damaged(false, "the XML is nested deeper than " + Tree.DEEPEST);
            }
            parts += 4L * (1 + in.getAttributeCount());
            if (parts > Memory.PARTS) {
              throw Memory.tooManyParts();
            }
            open.push(new Element(in));
            root = root == null ? open.peek().name : root;
          }
          case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA ->
              open.peek().text.append(in.getText());
          case XMLStreamConstants.END_ELEMENT -> {
            Element ended = open.pop();
            add(open.isEmpty() ? document : open.peek().fields, ended.name, ended.value());
          }
          case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE ->
              throw new PageScan.Damaged(
                  false, "the XML has a DOCTYPE or entities of its own, which are not followed");
          default -> {
            // comments and instructions hold no data
          }
        }
      }
      return document;
    } catch (XMLStreamException e) {
      boolean early = root != null && !ends(xml, root);
      String where =
          " at line " + e.getLocation().getLineNumber() + ", " + xml.length + " bytes in all";
      throw new PageScan.Damaged(
          early, early ? "the XML ends too early:" + where : "the body is not XML:" + where);
    }
  }

  private static XMLInputFactory factory() {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_COALESCING, true);
    // we bound the depth, with words of ours; newer parsers stop at 200
    factory.setProperty("jdk.xml.maxElementDepth", "0");
    return factory;
  }

  /** Whether the document ends with its root, as a whole one does. */
  private static boolean ends(byte[] xml, String root) {
    int from = Math.max(0, xml.length - 1_000);
    String tail = new String(xml, from, xml.length - from, StandardCharsets.ISO_8859_1);
    return tail.contains("</" + root) || tail.strip().endsWith("/>");
  }

  private static void add(ObjectNode to, String name, JsonNode value) {
    JsonNode there = to.get(name);
    if (there == null) {
      to.set(name, value);
    } else if (there instanceof ArrayNode list) {
      list.add(value); // elements never become lists by themselves
    } else {
      to.set(name, JsonNodeFactory.instance.arrayNode().add(there).add(value));
    }
  }

  private static final class Element {
    final String name;
    final ObjectNode fields = JsonNodeFactory.instance.objectNode();
    final StringBuilder text = new StringBuilder();

    Element(XMLStreamReader in) {
      this.name = name(in.getPrefix(), in.getLocalName());
      for (int i = 0; i < in.getAttributeCount(); i++) {
        String attribute = name(in.getAttributePrefix(i), in.getAttributeLocalName(i));
        fields.put("@" + attribute, in.getAttributeValue(i));
      }
    }

    JsonNode value() {
      String told = text.toString().strip();
      if (fields.isEmpty()) {
        return told.isEmpty()
            ? JsonNodeFactory.instance.nullNode()
            : JsonNodeFactory.instance.textNode(told);
      }
      return told.isEmpty() ? fields : fields.put("#text", told);
    }

    private static String name(String prefix, String local) {
      return prefix == null || prefix.isEmpty() ? local : prefix + ":" + local;
    }
  }
}
